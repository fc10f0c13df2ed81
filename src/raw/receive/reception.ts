import { debuglog } from 'node:util';
import type { RingReader } from '../../channel/receive/delivery';
import { DropCounter } from '../../channel/receive/drop-counter';
import { MSG_CONFIRM, MSG_DONTROUTE } from '../../libc/constants';
import { decodeFrame, rawIdentifier } from '../../frame/codec';
import { ErrorFrame } from '../../frame/error-frame';
import type { Frame } from '../../frame/frame';
import { RECORD } from '../../poller/record';
import type { Ring } from '../../poller/ring';
import { timestampOf } from '../../poller/timestamp';
import type { Echoes } from './echoes';
import type { AcceptanceFilters } from '../filters/acceptance';
import type { Counters } from '../statistics';
import type { Timestamp } from '../../timestamp';
import type { ReceivedFrame } from './received-frame';

const debug = debuglog('socketcan:raw');

/** Frames delivered in one turn of the event loop. The rest waits, so that other work has its turn. */
const FRAMES_PER_TURN = 512;

/** Decodes the records of a ring into frames, and counts those that it does not deliver. */
export class Reception implements RingReader<ReceivedFrame> {
  readonly #counters: Counters;
  readonly #filters: AcceptanceFilters;
  readonly #echoes: Echoes;
  readonly #receiveOwn: boolean;
  readonly #drops = new DropCounter();

  constructor(counters: Counters, filters: AcceptanceFilters, echoes: Echoes, receiveOwn: boolean) {
    this.#counters = counters;
    this.#filters = filters;
    this.#echoes = echoes;
    this.#receiveOwn = receiveOwn;
  }

  get dropped(): number {
    return this.#drops.total;
  }

  /** The next frames come from a new socket. */
  restart(): void {
    this.#drops.restart();
  }

  /** Takes the oldest frames out of the ring, which may hold more. */
  take(ring: Ring): ReceivedFrame[] {
    const count = Math.min(ring.available, FRAMES_PER_TURN);
    const { memory } = ring;
    const { words } = memory;
    const frames: ReceivedFrame[] = [];
    let slot = ring.headSlot;
    for (let i = 0; i < count; i++, slot = ring.after(slot)) {
      const at = ring.offset(slot);
      this.#drops.add(words[(at + RECORD.drops) >>> 2] as number);
      const length = words[(at + RECORD.length) >>> 2] as number;
      if (length === 0) continue;
      const frame = decodeFrame(memory, at + RECORD.packet, length);
      if (frame === undefined) {
        this.#counters.unsupported++;
        debug('Unsupported CAN frame dropped; raw SocketCAN ID is %s', rawText(ring, at));
        continue;
      }
      const flags = words[(at + RECORD.flags) >>> 2] as number;
      const own = (flags & MSG_CONFIRM) !== 0;
      const timestamp = timestampOf(ring, at);
      if (!(own ? this.#deliversOwn(frame, timestamp) : this.#delivers(frame))) continue;
      frames.push({ frame, timestamp, own, local: (flags & MSG_DONTROUTE) !== 0 });
    }
    ring.release(count);
    return frames;
  }

  #deliversOwn(frame: Frame, timestamp: Timestamp): boolean {
    // Match every echo, also those that nobody asked for: later echoes depend on the order.
    const sent = this.#echoes.match(frame, timestamp);
    const confirms = sent?.confirms !== undefined;
    if (confirms) this.#counters.confirmed++;
    if (sent?.wanted === true || (this.#receiveOwn && this.#accepts(frame))) {
      this.#counters.receivedOwn++;
      return true;
    }
    if (!confirms) this.#counters.unrequested++;
    return false;
  }

  #delivers(frame: Frame): boolean {
    if (this.#accepts(frame)) {
      this.#counters.received++;
      return true;
    }
    this.#counters.filtered++;
    return false;
  }

  #accepts(frame: Frame): boolean {
    return frame instanceof ErrorFrame || this.#filters.accepts(frame);
  }
}

function rawText(ring: Ring, at: number): string {
  return rawIdentifier(ring.memory, at + RECORD.packet)
    .toString(16)
    .padStart(8, '0');
}
