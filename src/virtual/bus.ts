import {
  EAGAIN,
  ENETDOWN,
  ENOBUFS,
  ENODEV,
  ENXIO,
  MSG_CONFIRM,
  MSG_DONTROUTE,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  sendmmsg,
  systemError,
} from '../libc';
import { CANFD_MTU, encodeFrame, type Frame } from '../frame';
import type { EndpointOptions, OutgoingBatch } from '../socket/endpoint';
import { Chance, type BusFaults } from './faults';
import { accepts, sendResult } from './kernel-rules';
import { VirtualNode, type WireFrame } from './node';
import { checkSettings, DEFAULTS, type BusSettings } from './settings';
import { Timeline } from './timeline';
import { frameOf, Wire, type Passage } from './wire';

/** Frames of one socket that can be on their way: as many as the kernel's default send buffer holds. */
const SEND_BUFFER_FRAMES = 278;

/** A frame that has passed a bus that records. */
export interface RecordedFrame {
  /** When, on the bus's own clock, in ns: monotonic, or virtual time. */
  readonly timeNs: bigint;
  /** Undefined: malformed bytes, see `bytes`. */
  readonly frame: Frame | undefined;
  /** struct can_frame (16 bytes) or canfd_frame (72). */
  readonly bytes: Uint8Array;
  /** What the bus's faults did to it. */
  readonly fate: 'pass' | 'drop' | 'duplicate' | 'reorder' | 'delay';
}

/**
 * A CAN bus inside this process, for machines and tests without CAN. `virtual:NAME` as an interface's
 * name opens it; this is its handle, by which a test plays the world: the link, the wire, its faults.
 *
 * It does what a vcan does, except where a test asks for more (bit timing, faults) and where
 * docs/virtual.md says so. Every socket of this JavaScript thread that opens the name is on it.
 */
export class VirtualBus {
  static readonly #buses = new Map<string, VirtualBus>();

  readonly name: string;
  #settings: Required<BusSettings> = DEFAULTS;
  #timeline = new Timeline(false);
  #chance = new Chance(DEFAULTS.seed);
  #wire: Wire | undefined;
  #link: 'up' | 'down' | 'gone' = 'up';
  #held: Passage | undefined;
  #recording: RecordedFrame[] | undefined;
  readonly #nodes = new Set<VirtualNode>();

  /** The bus of this name, which is always there: MTU 72, up, without delay or fault. */
  static get(name: string): VirtualBus {
    if (typeof (name as unknown) !== 'string' || name === '') {
      throw new TypeError(`The name of a virtual bus must be a string of 1 character or more`);
    }
    let bus = VirtualBus.#buses.get(name);
    if (bus === undefined) {
      bus = new VirtualBus(name);
      VirtualBus.#buses.set(name, bus);
    }
    return bus;
  }

  private constructor(name: string) {
    this.name = name;
  }

  /** What to open a socket or a media on: `virtual:NAME`. */
  get interfaceName(): string {
    return `virtual:${this.name}`;
  }

  /** The link: 'gone' after {@link remove}. */
  get state(): 'up' | 'down' | 'gone' {
    return this.#link;
  }

  /** 16: classic CAN only; 72: CAN FD, too. */
  get mtu(): 16 | 72 {
    return this.#settings.mtu;
  }

  /** Sockets on this bus. */
  get nodes(): number {
    return this.#nodes.size;
  }

  /** Takes the link down, as `ip link set ... down` does: what is on its way is lost, sends wait. */
  down(): void {
    if (this.#link !== 'up') return;
    this.#link = 'down';
    this.#forget();
    for (const node of this.#nodes) node.fail(ENETDOWN);
  }

  /** Brings the link up; the sockets work on. */
  up(): void {
    if (this.#link === 'gone') throw this.#gone('up');
    this.#link = 'up';
  }

  /** Removes the interface, as `ip link del` does: the sockets on it are dead for good. */
  remove(): void {
    if (this.#link === 'gone') return;
    this.#link = 'gone';
    this.#forget();
    for (const node of this.#nodes) {
      node.dead = true;
      node.fail(ENODEV);
    }
  }

  /** Makes an interface of the same name again after {@link remove}, up. Old sockets stay dead. */
  add(): void {
    if (this.#link === 'gone') this.#link = 'up';
  }

  /**
   * Changes what is given and leaves the rest; waiting frames are lost when the timing changes.
   *
   * @throws {RangeError | TypeError} `ERR_SOCKETCAN_INVALID_OPTION`
   */
  configure(settings: BusSettings): this {
    const before = this.#settings;
    this.#settings = checkSettings(before, settings);
    const { virtualTime, bitrate, dataBitrate, seed } = this.#settings;
    if (settings.seed !== undefined) this.#chance = new Chance(seed);
    if (virtualTime !== this.#timeline.virtual) {
      this.#forget();
      this.#timeline = new Timeline(virtualTime);
      this.#wire = undefined;
    }
    const timed = bitrate !== before.bitrate || dataBitrate !== before.dataBitrate;
    if (timed || (bitrate > 0 && this.#wire === undefined)) {
      this.#forget();
      const pass = (passage: Passage): void => {
        this.#pass(passage);
      };
      this.#wire =
        bitrate > 0 ? new Wire(this.#timeline, { bitrate, dataBitrate }, pass) : undefined;
    }
    return this;
  }

  /** As new: up, MTU 72, no timing, no faults, no record. Sockets on it stay, unless it was removed. */
  reset(): this {
    this.add();
    this.up();
    this.#recording = undefined;
    return this.configure(DEFAULTS);
  }

  /** The bus's clock, in ns. */
  get now(): bigint {
    return this.#timeline.now;
  }

  /** Lets virtual time pass, in ns; what falls due on the way happens. Needs `virtualTime: true`. */
  advance(ns: bigint): void {
    this.#timeline.advance(ns);
  }

  /**
   * Puts a frame on the bus from outside this host, as another controller would, or an error frame
   * as the driver would. Bytes go as they are, 16 or 72 of them, however malformed.
   */
  inject(frame: Frame | Uint8Array): void {
    if (this.#link !== 'up')
      throw systemError(-ENETDOWN, 'inject', { interface: this.interfaceName });
    this.#enter({ from: undefined, bytes: bytesOf(frame) });
  }

  /** Begins a record of all that passes, with nothing in it. It grows until {@link record} ends it. */
  startRecording(): void {
    this.#recording = [];
  }

  /** All that has passed since {@link startRecording}, which goes on; empty without it. */
  get recorded(): readonly RecordedFrame[] {
    return this.#recording ?? [];
  }

  /** @internal A socket comes onto the bus. */
  attach(options: EndpointOptions): VirtualNode {
    if (this.#link === 'gone') throw this.#gone('bind');
    const node = new VirtualNode(options);
    this.#nodes.add(node);
    return node;
  }

  /** @internal A socket leaves. */
  detach(node: VirtualNode): void {
    this.#nodes.delete(node);
    this.#wire?.clear(node);
    node.close();
  }

  /**
   * @internal A socket sends: the number of frames taken, or a negative error number, as sendmmsg(2)
   * on a CAN_RAW socket has it.
   */
  send(node: VirtualNode, batch: OutgoingBatch, count: number): number {
    if (node.dead) return -ENXIO;
    if (this.#link === 'down') return -ENETDOWN;
    let taken = 0;
    let refusal = 0;
    for (; taken < count; taken++) {
      refusal = this.#refusal(node, batch, taken);
      if (refusal < 0) break;
    }
    if (taken === 0) return refusal;
    const sent = sendmmsg(node.userEnd, batch.headers, 0, taken, MSG_DONTWAIT | MSG_NOSIGNAL);
    for (let bytes = node.take(); bytes !== undefined; bytes = node.take()) {
      this.#enter({ from: node, bytes });
    }
    return sent;
  }

  #refusal(node: VirtualNode, batch: OutgoingBatch, index: number): number {
    const waiting = (this.#wire?.waiting(node) ?? 0) + index;
    if (this.#wire !== undefined && waiting >= this.#settings.txQueueLength) return -ENOBUFS;
    if (this.#wire !== undefined && waiting >= SEND_BUFFER_FRAMES) return -EAGAIN;
    return sendResult(batch.size(index), batch.length(index), node.fd, this.mtu);
  }

  #enter(passage: Passage): void {
    // A socket with CAN_RAW_LOOPBACK off is heard by other hosts only, and on this bus there are none.
    if (this.#wire === undefined) this.#pass(passage);
    else this.#wire.send(passage);
  }

  #pass(passage: Passage): void {
    const { faults } = this.#settings;
    const fate = hasFaults(faults) ? this.#chance.fate(faults) : 'pass';
    this.#recording?.push({
      timeNs: this.now,
      frame: frameOf(passage.bytes),
      bytes: passage.bytes,
      fate,
    });
    if (fate === 'delay') {
      this.#timeline.at(this.now + this.#chance.delay(faults), () => {
        this.#deliver(passage);
      });
      return;
    }
    if (fate === 'reorder' && this.#held === undefined) {
      this.#held = passage;
      this.#timeline.at(this.now + 1_000_000n, () => {
        if (this.#held === passage) this.#release();
      });
      return;
    }
    if (fate !== 'drop') this.#deliver(passage);
    if (fate === 'duplicate') this.#deliver(passage);
    this.#release();
  }

  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#deliver(held);
  }

  #deliver({ from, bytes }: Passage): void {
    if (this.#link !== 'up' || from?.loopback === false) return;
    const canId = new Uint32Array(bytes.buffer, bytes.byteOffset, 1)[0] as number;
    for (const node of this.#nodes) {
      if (node.dead || !accepts(node, canId, bytes.byteLength, node === from)) continue;
      const local = from === undefined ? 0 : MSG_DONTROUTE;
      node.deliver(bytes, node === from ? MSG_CONFIRM | local : local);
    }
  }

  /** All that is on its way is lost. */
  #forget(): void {
    this.#timeline.clear();
    this.#wire?.clear();
    this.#held = undefined;
  }

  #gone(syscall: string): Error {
    return systemError(-ENODEV, syscall, {
      interface: this.interfaceName,
      hint: `the virtual bus was removed; VirtualBus.get('${this.name}').add() brings it back`,
    });
  }
}

function hasFaults(faults: BusFaults): boolean {
  return Object.keys(faults).length > 0;
}

function bytesOf(frame: Frame | Uint8Array): WireFrame {
  if (frame instanceof Uint8Array) {
    if (frame.byteLength === 16 || frame.byteLength === 72) return Uint8Array.from(frame);
    throw new RangeError(`The bytes of a frame are 16 or 72, not ${frame.byteLength}`);
  }
  const bytes = new Uint8Array(CANFD_MTU);
  const size = encodeFrame(frame, { bytes, words: new Uint32Array(bytes.buffer) }, 0);
  return bytes.slice(0, size);
}
