import { debuglog } from 'node:util';
import { MSG_CONFIRM, MSG_DONTROUTE } from '../../libc/constants';
import { decodeFrame, rawIdentifier } from '../../frame/codec';
import { ErrorFrame } from '../../frame/error-frame';
import type { Frame } from '../../frame/frame';
import { RECORD, Ring } from '../../poller/ring';
import type { Echoes } from './echoes';
import type { AcceptanceFilters } from '../filters/acceptance';
import type { Counters } from '../statistics';
import type { Timestamp } from '../../timestamp';

const debug = debuglog('socketcan');

/** A frame as it came in. */
export interface ReceivedFrame {
  /** What came in: tell the kinds apart by `instanceof`. */
  readonly frame: Frame;
  /** When it was received. */
  readonly timestamp: Timestamp;
  /** It was sent through this socket. */
  readonly own: boolean;
  /** It was sent on this host, through this socket or another. */
  readonly local: boolean;
}

/** Frames handed over in one go; what is more waits for its turn, after other work of the loop. */
const FRAMES_IN_TURN = 512;

/** Turns the ring's records into frames, and keeps account of those that become none. */
export class Reception {
  readonly #counters: Counters;
  readonly #filters: AcceptanceFilters;
  readonly #echoes: Echoes;
  readonly #receiveOwn: boolean;
  #drops = 0;

  constructor(counters: Counters, filters: AcceptanceFilters, echoes: Echoes, receiveOwn: boolean) {
    this.#counters = counters;
    this.#filters = filters;
    this.#echoes = echoes;
    this.#receiveOwn = receiveOwn;
  }

  /** Packets the kernel has reported as dropped with the frames, in all. */
  lost = 0;

  /** What comes from now on is from another socket, whose count of drops begins anew. */
  restart(): void {
    this.#drops = 0;
  }

  /** The oldest frames of the ring, which get their slots back; the ring may hold more. */
  take(ring: Ring): ReceivedFrame[] {
    const count = Math.min(ring.available, FRAMES_IN_TURN);
    const { memory } = ring;
    const { words } = memory;
    const frames: ReceivedFrame[] = [];
    let slot = ring.headSlot;
    for (let i = 0; i < count; i++, slot = ring.after(slot)) {
      const at = Ring.offset(slot);
      this.#account(words[(at + RECORD.drops) >>> 2] as number);
      const length = words[(at + RECORD.length) >>> 2] as number;
      if (length === 0) continue;
      const frame = decodeFrame(memory, at + RECORD.frame, length);
      if (frame === undefined) {
        this.#counters.unsupported++;
        debug('Unsupported CAN frame dropped; raw SocketCAN ID is %s', rawText(ring, at));
        continue;
      }
      const flags = words[(at + RECORD.flags) >>> 2] as number;
      const own = (flags & MSG_CONFIRM) !== 0;
      const timestamp = timestampOf(ring, at);
      if (!(own ? this.#wantsOwn(frame, timestamp) : this.#wants(frame))) continue;
      frames.push({
        frame,
        timestamp,
        own,
        local: (flags & MSG_DONTROUTE) !== 0,
      });
    }
    ring.release(count);
    return frames;
  }

  /** The kernel counts for ever, modulo 2**32, and says nothing while the count is 0. */
  #account(drops: number): void {
    if (drops === 0 || drops === this.#drops) return;
    this.lost += (drops - this.#drops) >>> 0;
    this.#drops = drops;
  }

  #wantsOwn(frame: Frame, timestamp: Timestamp): boolean {
    // Matched in any case: the echoes of later frames are told apart by what has come before.
    const sent = this.#echoes.match(frame, timestamp);
    const confirms = sent?.confirms !== undefined;
    if (confirms) this.#counters.confirmed++;
    if (sent?.wanted === true || (this.#receiveOwn && this.#passes(frame))) {
      this.#counters.receivedOwn++;
      return true;
    }
    if (!confirms) this.#counters.unrequested++;
    return false;
  }

  #wants(frame: Frame): boolean {
    if (this.#passes(frame)) {
      this.#counters.received++;
      return true;
    }
    this.#counters.filtered++;
    return false;
  }

  #passes(frame: Frame): boolean {
    return frame instanceof ErrorFrame || this.#filters.accepts(frame);
  }
}

function timestampOf(ring: Ring, at: number): Timestamp {
  const systemNs = ring.time(at, RECORD.system);
  const monotonicNs = ring.time(at, RECORD.monotonic);
  const hardwareNs = ring.time(at, RECORD.hardware);
  return hardwareNs === 0n ? { systemNs, monotonicNs } : { systemNs, monotonicNs, hardwareNs };
}

function rawText(ring: Ring, at: number): string {
  return rawIdentifier(ring.memory, at + RECORD.frame)
    .toString(16)
    .padStart(8, '0');
}
