import { host } from './layouts';
import type { Memory } from './memory';

/*
 * Control messages, see cmsg(3): a cmsghdr, its data, and padding up to the next size_t. On Linux CMSG_ALIGN rounds
 * up to the size of a long, which is also the alignment of struct cmsghdr.
 */

/** The macros of cmsg(3) for one machine. Lengths are in bytes. */
interface ControlLayout {
  readonly align: (length: number) => number;
  readonly len: (length: number) => number;
  readonly space: (length: number) => number;
}

/** Returns CMSG_ALIGN, CMSG_LEN and CMSG_SPACE for a machine whose cmsghdr has this size and alignment (bytes). */
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
 * Walks over the control messages in a part of a memory, without allocation. It ends at a header whose length is
 * below its own size or beyond the end: of a truncated control area (MSG_CTRUNC) it returns the complete messages.
 */
export class ControlWalk {
  level = 0;
  type = 0;
  /** Offset of the data of the current message in the memory, in bytes. */
  data = 0;
  /** Size of these data in bytes. */
  size = 0;
  #memory: Memory;
  #next = 0;
  #end = 0;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Starts over at offset `start`, a multiple of 8. An area beyond the end of the memory is cut. */
  begin(start: number, length: number): this {
    this.#next = start;
    this.#end = Math.min(start + length, this.#memory.bytes.byteLength);
    return this;
  }

  /** Moves to the next message. Returns false after the last one. */
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
