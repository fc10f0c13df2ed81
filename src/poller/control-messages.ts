import { CMSG_SPACE, ControlWalk } from '../libc/cmsg';
import {
  SO_RXQ_OVFL,
  SO_TIMESTAMP_NEW,
  SO_TIMESTAMP_OLD,
  SO_TIMESTAMPING_NEW,
  SO_TIMESTAMPING_OLD,
  SO_TIMESTAMPNS_NEW,
  SO_TIMESTAMPNS_OLD,
  SOL_SOCKET,
} from '../libc/constants';
import { host } from '../libc/layouts';
import { LITTLE_ENDIAN, Memory } from '../libc/memory';

/** Bytes for the control messages of one packet: timestamps of any kind (up to three timespecs) and a drop count. */
export const CONTROL_SIZE = CMSG_SPACE(48) + CMSG_SPACE(4);

/** The control messages of a batch of packets, and the values of the packet that was read last. */
export class ControlMessages {
  /** System time of the packet. */
  sec = 0;
  nsec = 0;
  /** Hardware time of the packet; 0 without one. */
  hardwareSec = 0;
  hardwareNsec = 0;
  /** The drop count of SO_RXQ_OVFL; the kernel omits it while it is 0. */
  drops = 0;
  readonly #memory: Memory;
  readonly #walk: ControlWalk;

  /** @param packets the number of packets that have a control area */
  constructor(packets: number) {
    this.#memory = new Memory(packets * CONTROL_SIZE);
    this.#walk = new ControlWalk(this.#memory);
  }

  /** Returns the address of the control area of a packet, for msg_control. */
  address(packet: number): bigint {
    return this.#memory.address + BigInt(packet * CONTROL_SIZE);
  }

  /**
   * Reads the control messages of a packet.
   *
   * @param length bytes that the kernel has written, from msg_controllen
   * @param nowSec with `nowNsec` the system time of a packet without a timestamp
   */
  read(packet: number, length: number, nowSec: number, nowNsec: number): void {
    this.sec = nowSec;
    this.nsec = nowNsec;
    this.hardwareSec = 0;
    this.hardwareNsec = 0;
    this.drops = 0;
    const walk = this.#walk.begin(packet * CONTROL_SIZE, length);
    while (walk.next()) {
      if (walk.level !== SOL_SOCKET) continue;
      switch (walk.type) {
        case SO_TIMESTAMPNS_NEW:
          this.#readTime(walk.data, walk.size, 8, 1);
          break;
        case SO_TIMESTAMPNS_OLD:
          this.#readTime(walk.data, walk.size, host.timespec.size / 2, 1);
          break;
        case SO_TIMESTAMP_NEW:
          this.#readTime(walk.data, walk.size, 8, 1000);
          break;
        case SO_TIMESTAMP_OLD:
          this.#readTime(walk.data, walk.size, host.timeval.size / 2, 1000);
          break;
        case SO_TIMESTAMPING_NEW:
          this.#readTimes(walk.data, walk.size, 8);
          break;
        case SO_TIMESTAMPING_OLD:
          this.#readTimes(walk.data, walk.size, host.timespec.size / 2);
          break;
        case SO_RXQ_OVFL:
          this.drops = this.#memory.words[walk.data >>> 2] as number;
          break;
        default: // The program may have enabled other messages on the descriptor.
      }
    }
  }

  /** Reads two integers of `width` bytes: seconds, and a fraction in units of `nsPerUnit`. Ignores a zero time. */
  #readTime(at: number, size: number, width: number, nsPerUnit: number): void {
    if (size < 2 * width) return;
    const sec = this.#integer(at, width);
    if (sec <= 0) return;
    this.sec = sec;
    this.nsec = this.#integer(at + width, width) * nsPerUnit;
  }

  /** Reads struct scm_timestamping: the timespecs of the software, of nothing (unused), and of the hardware clock. */
  #readTimes(at: number, size: number, width: number): void {
    this.#readTime(at, size, width, 1);
    const hardware = at + 4 * width;
    if (size < 6 * width) return;
    this.hardwareSec = this.#integer(hardware, width);
    this.hardwareNsec = this.#integer(hardware + width, width);
  }

  #integer(at: number, width: number): number {
    const { words } = this.#memory;
    const first = words[at >>> 2] as number;
    if (width === 4) return first;
    const second = words[(at >>> 2) + 1] as number;
    return LITTLE_ENDIAN ? second * 0x1_0000_0000 + first : first * 0x1_0000_0000 + second;
  }
}
