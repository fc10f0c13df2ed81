import { EAGAIN, ENOBUFS } from '../libc/errno';
import { Broadcaster } from './broadcaster';
import { FaultGenerator } from './fault-generator';
import type { Transmission, VirtualNode } from './node';
import { Recording } from './recording';
import { checkSettings, DEFAULTS, type BusSettings } from './settings';
import { Timeline } from './timeline';
import { Wire } from './wire';

/** Frames that the kernel's default send buffer (212,992 bytes) holds, measured. */
const SEND_BUFFER_FRAMES = 278;

/** Simulates a bus: a sent frame takes its time on the wire, may suffer a fault, is recorded, and is delivered. */
export class BusSimulation {
  readonly recording = new Recording();
  readonly #nodes: ReadonlySet<VirtualNode>;
  #settings = DEFAULTS;
  #timeline = new Timeline(false);
  #faultGenerator = new FaultGenerator(DEFAULTS.seed);
  #broadcaster: Broadcaster;
  /** Undefined without a bit rate: frames take no time. */
  #wire: Wire | undefined;

  /** @param nodes the sockets on the bus, which may change */
  constructor(nodes: ReadonlySet<VirtualNode>) {
    this.#nodes = nodes;
    this.#broadcaster = new Broadcaster(nodes, this.#timeline);
  }

  get mtu(): 16 | 72 {
    return this.#settings.mtu;
  }

  /** The time in ns: monotonic, or virtual time. */
  get now(): bigint {
    return this.#timeline.now;
  }

  /** Advances virtual time. @throws {RangeError | TypeError} `ERR_SOCKETCAN_INVALID_OPTION` */
  advance(ns: bigint): void {
    this.#timeline.advance(ns);
  }

  /** Changes the given settings. @throws {RangeError | TypeError} `ERR_SOCKETCAN_INVALID_OPTION` */
  configure(changes: BusSettings): void {
    const before = this.#settings;
    const settings = checkSettings(before, changes);
    this.#settings = settings;
    if (changes.seed !== undefined) this.#faultGenerator = new FaultGenerator(settings.seed);
    if (settings.virtualTime !== before.virtualTime) {
      this.#timeline.clear();
      this.#timeline = new Timeline(settings.virtualTime);
      this.clear();
    } else if (settings.bitrate !== before.bitrate || settings.dataBitrate !== before.dataBitrate) this.clear();
  }

  /** Drops all frames that are not delivered yet. */
  clear(): void {
    const { bitrate, dataBitrate } = this.#settings;
    this.#timeline.clear();
    this.#broadcaster = new Broadcaster(this.#nodes, this.#timeline);
    if (bitrate === 0) {
      this.#wire = undefined;
      return;
    }
    const rates = { bitrate, dataBitrate: dataBitrate === 0 ? bitrate : dataBitrate };
    this.#wire = new Wire(this.#timeline, rates, (transmission) => {
      this.#finish(transmission);
    });
  }

  /** Drops the queue of a socket that leaves, but not its frame on the wire. */
  remove(node: VirtualNode): void {
    this.#wire?.remove(node);
  }

  /**
   * Returns 0 if a socket may queue one more frame after `ahead` others that are not queued yet, or a negative error
   * number.
   */
  queueErrno(sender: VirtualNode, ahead: number): number {
    if (this.#wire === undefined) return 0;
    const queued = this.#wire.queued(sender) + ahead;
    if (queued >= SEND_BUFFER_FRAMES) return -EAGAIN;
    return queued >= this.#settings.txQueueLength ? -ENOBUFS : 0;
  }

  send(transmission: Transmission): void {
    if (this.#wire === undefined) this.#finish(transmission);
    else this.#wire.send(transmission);
  }

  #finish(transmission: Transmission): void {
    const fault = this.#faultGenerator.next(this.#settings.faults);
    this.recording.add(this.now, transmission.bytes, fault.kind);
    this.#broadcaster.broadcast(transmission, fault);
  }
}
