import { host } from './layouts';
import type { Memory } from './memory';

/*
 * Control messages, as cmsg(3) lays them out: a cmsghdr, its data, padding up to the next size_t.
 * On Linux CMSG_ALIGN rounds up to the size of a long, and struct cmsghdr is already so aligned.
 */

export interface ControlLayout {
  readonly align: (length: number) => number;
  readonly len: (length: number) => number;
  readonly space: (length: number) => number;
}

/** CMSG_ALIGN, CMSG_LEN and CMSG_SPACE for a machine whose cmsghdr has this size and alignment (bytes). */
export function controlLayout(header: { size: number; alignment: number }): ControlLayout {
  const align = (length: number) => (length + header.alignment - 1) & -header.alignment;
  return {
    align,
    len: (length) => align(header.size) + length,
    space: (length) => align(header.size) + align(length),
  };
}

export const { align: CMSG_ALIGN, len: CMSG_LEN, space: CMSG_SPACE } = controlLayout(host.cmsghdr);

const { size: HEADER, offset } = host.cmsghdr;

/**
 * The control messages in `length` bytes of `memory` from `start` on, one at a time and without
 * allocation. A header that claims less than itself or more than is left ends the walk: a control
 * area cut short (MSG_CTRUNC) is read as far as it is whole.
 */
export class ControlWalk {
  level = 0;
  type = 0;
  /** Where the data of the current message is, in bytes from the memory's start. */
  data = 0;
  /** How many bytes of data it has. */
  size = 0;
  #memory: Memory;
  #next = 0;
  #end = 0;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Begins at `start`, a multiple of 8; the area is clipped to the memory. */
  begin(start: number, length: number): this {
    this.#next = start;
    this.#end = Math.min(start + length, this.#memory.bytes.byteLength);
    return this;
  }

  /** Moves to the next message; false when there is none. */
  next(): boolean {
    const at = this.#next;
    if (at + HEADER > this.#end) return false;
    const length = this.#memory.getSize(at + offset.cmsg_len);
    if (length < HEADER || at + length > this.#end) return false;
    const { words } = this.#memory;
    this.level = words[(at + offset.cmsg_level) >>> 2] as number;
    this.type = words[(at + offset.cmsg_type) >>> 2] as number;
    this.data = at + HEADER;
    this.size = length - HEADER;
    this.#next = at + CMSG_ALIGN(length);
    return true;
  }
}
