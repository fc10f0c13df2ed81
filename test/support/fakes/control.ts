import { view } from 'koffi';
import { CMSG_LEN, CMSG_SPACE } from '../../../src/libc/cmsg';
import { host } from '../../../src/libc/layouts';
import type { Memory } from '../../../src/libc/memory';

/** A control message to be put where the kernel would have. */
export interface ControlMessage {
  readonly level: number;
  readonly type: number;
  readonly data: Uint8Array;
}

const { cmsg_len, cmsg_level, cmsg_type } = host.cmsghdr.offset;
const { msg_control, msg_controllen } = host.msghdr.offset;

function word(memory: DataView, at: number, value: number): void {
  const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  if (cmsg_level === 4) memory.setUint32(at, value, little);
  else memory.setBigUint64(at, BigInt(value), little);
}

/**
 * Rewrites what the kernel has left in the control area of a received header: these messages and
 * nothing else, `cut` bytes of them.
 */
export function setControl(headers: Memory, index: number, messages: readonly ControlMessage[], cut?: number): void {
  const at = index * host.mmsghdr.size;
  const words = cmsg_level === 4 ? headers.words : new BigUint64Array(headers.words.buffer);
  const address = BigInt(words[(at + msg_control) / cmsg_level] as number | bigint);
  const area = view(address, 88);
  const data = new DataView(area);
  const bytes = new Uint8Array(area).fill(0);
  let end = 0;
  for (const message of messages) {
    word(data, end + cmsg_len, CMSG_LEN(message.data.byteLength));
    new Int32Array(area)[(end + cmsg_level) / 4] = message.level;
    new Int32Array(area)[(end + cmsg_type) / 4] = message.type;
    bytes.set(message.data, end + CMSG_LEN(0));
    end += CMSG_SPACE(message.data.byteLength);
  }
  headers.setSize(at + msg_controllen, cut ?? end);
}

/** 64-bit integers in host order. */
export function int64s(...values: readonly bigint[]): Uint8Array {
  return new Uint8Array(new BigInt64Array(values).buffer);
}

/** A 32-bit integer in host order. */
export function uint32(value: number): Uint8Array {
  return new Uint8Array(new Uint32Array([value]).buffer);
}
