import {
  CANFD_BRS,
  CANFD_ESI,
  CANFD_FLAGS_OFFSET,
  CANFD_MTU,
  CAN_DATA_OFFSET,
  CAN_EFF_FLAG,
  CAN_ERR_FLAG,
  CAN_LENGTH_OFFSET,
  CAN_MTU,
  CAN_RTR_FLAG,
} from './constants';
import { DataFrame, FD_BIT, adoptDataFrame } from './data-frame';
import { CAN_MAX_LENGTH, DLC_BY_LENGTH, NO_DLC } from './dlc';
import { ERROR_FRAME_LENGTH, ErrorFrame } from './error-frame';
import { BASE_IDENTIFIER_MASK, EXTENDED_IDENTIFIER_MASK, FrameFormat } from './format';
import type { Frame } from './frame';
import { RemoteFrame } from './remote-frame';

/**
 * Two views of the same memory, of the same first address. The words are in the byte order of the
 * host, as can_id is. The memory may be shared. All offsets below are in bytes from that address
 * and multiples of 4.
 */
export interface FrameMemory {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
}

/**
 * Writes id, length, flags and data in either struct and zeros wherever nothing else goes: what the
 * memory held before must not reach the kernel, where a byte of it would mean something
 * (len8_dlc, reserved fields). `size` is CAN_MTU or CANFD_MTU.
 */
function write(
  memory: FrameMemory,
  offset: number,
  size: number,
  id: number,
  length: number,
  flags: number,
  data: Uint8Array | undefined,
): void {
  const { bytes, words } = memory;
  const end = (offset + size) >>> 2;
  let word = offset >>> 2;
  words[word++] = id;
  while (word < end) words[word++] = 0;
  bytes[offset + CAN_LENGTH_OFFSET] = length;
  bytes[offset + CANFD_FLAGS_OFFSET] = flags;
  if (data === undefined) return;
  const start = offset + CAN_DATA_OFFSET;
  for (let i = 0; i < data.length; i++) bytes[start + i] = data[i] as number;
}

/** The identifier with the flag EFF where the format asks for it. */
function formatted(format: FrameFormat, identifier: number): number {
  return format === FrameFormat.Extended ? identifier | CAN_EFF_FLAG : identifier;
}

/**
 * Writes a frame as the kernel takes it: struct canfd_frame (72 bytes) for a CAN FD frame, struct
 * can_frame (16 bytes) for every other. The length field has the true number of data bytes; all
 * that is padding or reserved is zero. Returns the number of bytes written.
 */
export function encodeFrame(frame: Frame, memory: FrameMemory, offset: number): 16 | 72 {
  if (frame instanceof DataFrame) {
    const { data } = frame;
    const id = formatted(frame.format, frame.identifier);
    if (frame.fd) {
      const flags = (frame.brs ? CANFD_BRS : 0) | (frame.esi ? CANFD_ESI : 0);
      write(memory, offset, CANFD_MTU, id, data.length, flags, data);
      return CANFD_MTU;
    }
    write(memory, offset, CAN_MTU, id, data.length, 0, data);
  } else if (frame instanceof RemoteFrame) {
    const id = formatted(frame.format, frame.identifier) | CAN_RTR_FLAG;
    write(memory, offset, CAN_MTU, id, frame.length, 0, undefined);
  } else {
    const id = frame.raw.classMask | CAN_ERR_FLAG;
    write(memory, offset, CAN_MTU, id, ERROR_FRAME_LENGTH, 0, frame.raw.data);
  }
  return CAN_MTU;
}

/** can_id as the kernel delivered it, unsigned, with its flags. */
export function rawIdentifier(memory: FrameMemory, offset: number): number {
  return memory.words[offset >>> 2] as number;
}

/** The bytes in an array of their own: the memory is written again as soon as the ring comes round. */
function copy(bytes: Uint8Array, start: number, length: number, size: number): Uint8Array {
  const data = new Uint8Array(size);
  for (let i = 0; i < length; i++) data[i] = bytes[start + i] as number;
  return data;
}

/**
 * Reads what the kernel delivered. `length` is the number of bytes received; by it alone a classic
 * frame (16) is told from a CAN FD frame (72). Never throws, whatever the bytes: other hosts and
 * programs can put any of them on a virtual bus. Undefined means a frame this library cannot
 * represent, to be counted and dropped:
 *
 * - received bytes other than 16 or 72 (CAN XL, cut off);
 * - an identifier above 0x7FF without the EFF flag;
 * - more than 8 bytes in a classic frame, or a length that CAN FD has not (the kernel passes 9 or 63);
 * - a remote or error frame in CAN FD clothes.
 *
 * Anything in padding, reserved fields, len8_dlc and unknown FD flags is ignored. An error frame of
 * fewer than 8 bytes is read as if zeros followed.
 */
export function decodeFrame(memory: FrameMemory, offset: number, length: number): Frame | undefined {
  const { bytes } = memory;
  const id = memory.words[offset >>> 2] as number;
  const size = bytes[offset + CAN_LENGTH_OFFSET] as number;
  const start = offset + CAN_DATA_OFFSET;

  let bits = 0;
  if (length === CANFD_MTU) {
    if (DLC_BY_LENGTH[size] === NO_DLC || (id & (CAN_ERR_FLAG | CAN_RTR_FLAG)) !== 0) {
      return undefined;
    }
    const flags = bytes[offset + CANFD_FLAGS_OFFSET] as number;
    bits = (flags & (CANFD_BRS | CANFD_ESI)) | FD_BIT;
  } else if (length !== CAN_MTU || size > CAN_MAX_LENGTH) {
    return undefined;
  }

  const identifier = id & EXTENDED_IDENTIFIER_MASK;
  // Error frames first: in them the bits of the identifier and of RTR mean something else.
  if ((id & CAN_ERR_FLAG) !== 0) {
    return new ErrorFrame(identifier, copy(bytes, start, size, ERROR_FRAME_LENGTH));
  }
  const extended = (id & CAN_EFF_FLAG) !== 0;
  if (!extended && identifier > BASE_IDENTIFIER_MASK) return undefined;
  const format = extended ? FrameFormat.Extended : FrameFormat.Base;
  if ((id & CAN_RTR_FLAG) !== 0) return new RemoteFrame(format, identifier, size);
  return adoptDataFrame(format, identifier, copy(bytes, start, size, size), bits);
}
