import {
  CANFD_BRS,
  CANFD_ESI,
  CANFD_FDF,
  CANFD_FLAGS_OFFSET,
  CANFD_MTU,
  CAN_DATA_OFFSET,
  CAN_EFF_FLAG,
  CAN_ERR_FLAG,
  CAN_LENGTH_OFFSET,
  CAN_MTU,
  CAN_RTR_FLAG,
} from './constants';
import { DataFrame, adoptDataFrame } from './data-frame';
import { CAN_MAX_LENGTH, DLC_BY_LENGTH, NO_DLC } from './dlc';
import { ERROR_FRAME_LENGTH, ErrorFrame } from './error-frame';
import { BASE_IDENTIFIER_MASK, EXTENDED_IDENTIFIER_MASK, FrameFormat } from './format';
import type { Frame } from './frame';
import { RemoteFrame } from './remote-frame';

/**
 * Two views of the same memory that begin at the same address. Words have the host's byte order, like can_id. The
 * memory may be shared. Offsets in this file are in bytes from that address, and are multiples of 4.
 */
export interface FrameMemory {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
}

/**
 * Writes one of the two structs. `size` is CAN_MTU or CANFD_MTU. All other bytes of the struct become 0, because the
 * kernel interprets some of them (len8_dlc, reserved fields).
 */
function writeStruct(
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

/** Returns the can_id of a data frame. */
function canIdOf(format: FrameFormat, identifier: number): number {
  return format === FrameFormat.Extended ? identifier | CAN_EFF_FLAG : identifier;
}

/**
 * Writes a frame as the struct that the kernel expects: canfd_frame (72 bytes) for a CAN FD frame, otherwise can_frame
 * (16 bytes). The length field holds the exact number of data bytes; padding and reserved bytes are 0.
 *
 * @returns the number of bytes written
 */
export function encodeFrame(frame: Frame, memory: FrameMemory, offset: number): 16 | 72 {
  if (frame instanceof DataFrame) {
    const { data } = frame;
    const id = canIdOf(frame.format, frame.identifier);
    if (frame.fd) {
      const flags = (frame.brs ? CANFD_BRS : 0) | (frame.esi ? CANFD_ESI : 0);
      writeStruct(memory, offset, CANFD_MTU, id, data.length, flags, data);
      return CANFD_MTU;
    }
    writeStruct(memory, offset, CAN_MTU, id, data.length, 0, data);
  } else if (frame instanceof RemoteFrame) {
    const id = canIdOf(frame.format, frame.identifier) | CAN_RTR_FLAG;
    writeStruct(memory, offset, CAN_MTU, id, frame.length, 0, undefined);
  } else {
    const id = frame.raw.classMask | CAN_ERR_FLAG;
    writeStruct(memory, offset, CAN_MTU, id, ERROR_FRAME_LENGTH, 0, frame.raw.data);
  }
  return CAN_MTU;
}

/** Returns can_id with its flags, unsigned. */
export function rawIdentifier(memory: FrameMemory, offset: number): number {
  return memory.words[offset >>> 2] as number;
}

/** Copies the data into a new array of `size` bytes, because the ring reuses its memory. */
function copyData(bytes: Uint8Array, start: number, length: number, size: number): Uint8Array {
  const data = new Uint8Array(size);
  for (let i = 0; i < length; i++) data[i] = bytes[start + i] as number;
  return data;
}

/**
 * Reads a frame that the kernel delivered. `length` is the number of bytes received: 16 is a classic frame, 72 a CAN FD
 * frame. It never throws, because other hosts and programs can send any bytes on a virtual bus. It returns undefined
 * for a frame that this library cannot represent; the caller counts and drops it:
 *
 * - a number of bytes other than 16 or 72 (CAN XL, or a truncated frame)
 * - an identifier above 0x7FF without the EFF flag
 * - a classic frame of more than 8 bytes, or a CAN FD length without a data length code (the kernel delivers 9 or 63)
 * - a remote or error frame in struct canfd_frame
 *
 * It ignores padding, reserved bytes, len8_dlc and unknown CAN FD flags. It fills an error frame of fewer than 8 bytes
 * with zeros.
 */
export function decodeFrame(memory: FrameMemory, offset: number, length: number): Frame | undefined {
  const { bytes } = memory;
  const id = memory.words[offset >>> 2] as number;
  const size = bytes[offset + CAN_LENGTH_OFFSET] as number;
  const start = offset + CAN_DATA_OFFSET;

  let flags = 0;
  if (length === CANFD_MTU) {
    if (DLC_BY_LENGTH[size] === NO_DLC || (id & (CAN_ERR_FLAG | CAN_RTR_FLAG)) !== 0) {
      return undefined;
    }
    const received = bytes[offset + CANFD_FLAGS_OFFSET] as number;
    flags = (received & (CANFD_BRS | CANFD_ESI)) | CANFD_FDF;
  } else if (length !== CAN_MTU || size > CAN_MAX_LENGTH) {
    return undefined;
  }

  const identifier = id & EXTENDED_IDENTIFIER_MASK;
  // Check for error frames first: their identifier bits and RTR bit have other meanings.
  if ((id & CAN_ERR_FLAG) !== 0) {
    return new ErrorFrame(identifier, copyData(bytes, start, size, ERROR_FRAME_LENGTH));
  }
  const extended = (id & CAN_EFF_FLAG) !== 0;
  if (!extended && identifier > BASE_IDENTIFIER_MASK) return undefined;
  const format = extended ? FrameFormat.Extended : FrameFormat.Base;
  if ((id & CAN_RTR_FLAG) !== 0) return new RemoteFrame(format, identifier, size);
  return adoptDataFrame(format, identifier, copyData(bytes, start, size, size), flags);
}
