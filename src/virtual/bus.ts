import { MSG_CONFIRM, MSG_DONTROUTE, MSG_DONTWAIT, MSG_NOSIGNAL } from '../libc/constants';
import { EAGAIN, ENETDOWN, ENOBUFS, ENODEV, ENXIO } from '../libc/errno';
import { systemError } from '../libc/errors';
import { sendmmsg } from '../libc/message';
import { encodeFrame } from '../frame/codec';
import { CAN_MTU, CANFD_MTU } from '../frame/constants';
import { DataFrame } from '../frame/data-frame';
import { ErrorFrame } from '../frame/error-frame';
import type { Frame } from '../frame/frame';
import { RemoteFrame } from '../frame/remote-frame';
import { invalidArgument } from '../errors';
import type { EndpointOptions, OutgoingBatch } from '../raw/endpoint';
import type { Link, LinkListener, LinkSubscription } from '../netlink/link';
import { Chance, type Fate } from './faults';
import { accepts, sendResult } from './kernel-rules';
import { VirtualNode, type WireFrame } from './node';
import { VirtualLink } from './link';
import { checkSettings, DEFAULTS, type BusSettings } from './settings';
import { Timeline } from './timeline';
import { frameOf, Wire, type Passage } from './wire';

/** Frames of one socket that can be on their way: as many as the kernel's default send buffer holds. */
const SEND_BUFFER_FRAMES = 278;
/** The longest a frame waits for one that overtakes it, in ns. */
const REORDER_NS = 1_000_000n;

/** A frame that has passed a bus that records. */
export interface RecordedFrame {
  /** When, on the bus's own clock, in ns: monotonic, or virtual time. */
  readonly timeNs: bigint;
  /** Undefined: malformed bytes, see `bytes`. */
  readonly frame: Frame | undefined;
  /** struct can_frame (16 bytes) or canfd_frame (72). */
  readonly bytes: Uint8Array;
  /** What the bus's faults did to it. */
  readonly fate: Fate;
}

/** All there are, by name. */
const buses = new Map<string, VirtualBus>();

/**
 * A CAN bus inside this process, for machines and tests without CAN. `virtual:NAME` as an interface's
 * name opens it; this is its handle, by which a test plays the world: the link, the wire, its faults.
 *
 * It does what a vcan does, except where a test asks for more (bit timing, faults) and where
 * docs/virtual.md says so. Every socket of this JavaScript thread that opens the name is on it.
 */
export class VirtualBus {
  /** Its name, without `virtual:`. */
  readonly name: string;
  #settings: Required<BusSettings> = DEFAULTS;
  #timeline = new Timeline(false);
  #chance = new Chance(DEFAULTS.seed);
  #wire: Wire | undefined;
  readonly #link: VirtualLink;
  #held: Passage | undefined;
  #recording: RecordedFrame[] | undefined;
  readonly #nodes = new Set<VirtualNode>();

  /** The bus of this name, which is always there: MTU 72, up, without delay or fault. */
  static get(name: string): VirtualBus {
    if (typeof (name as unknown) !== 'string') throw invalidName(TypeError, typeof name);
    if (name === '') throw invalidName(RangeError, "''");
    let bus = buses.get(name);
    if (bus === undefined) {
      bus = new this(name);
      buses.set(name, bus);
    }
    return bus;
  }

  private constructor(name: string) {
    this.name = name;
    this.#link = new VirtualLink(this.interfaceName);
  }

  /** What to open a socket or a media on: `virtual:NAME`. */
  get interfaceName(): string {
    return `virtual:${this.name}`;
  }

  /** The link: 'gone' after {@link remove}. */
  get state(): Link {
    return this.#link.state;
  }

  /** @internal The number of its interface, above 0: another one each time it is made again. */
  get index(): number {
    return this.#link.index;
  }

  /** @internal Tells what becomes of the link. */
  watch(listener: LinkListener): LinkSubscription {
    return this.#link.watch(listener);
  }

  /** 16: classic CAN only; 72: CAN FD, too. */
  get mtu(): 16 | 72 {
    return this.#settings.mtu;
  }

  /** Sockets on this bus, those on an interface that was removed not counted. */
  get nodes(): number {
    return this.#nodes.size;
  }

  /** Takes the link down, as `ip link set ... down` does: what is on its way is lost, sends wait. */
  down(): void {
    if (this.state !== 'up') return;
    this.#forget();
    for (const node of this.#nodes) node.fail(ENETDOWN);
    this.#link.set('down');
  }

  /** Brings the link up; the sockets work on. */
  up(): void {
    if (this.state === 'gone') throw this.#gone('up');
    this.#link.set('up');
  }

  /** Removes the interface, as `ip link del` does. Its sockets emit 'gone', and wait for {@link add}. */
  remove(): void {
    if (this.state === 'gone') return;
    this.#forget();
    for (const node of this.#nodes) {
      node.dead = true;
      node.fail(ENODEV);
    }
    this.#nodes.clear();
    this.#link.set('gone');
  }

  /** Creates the interface again after {@link remove}, up. The sockets reopen it. */
  add(): void {
    if (this.state === 'gone') this.#link.set('up');
  }

  /**
   * Changes what is given and leaves the rest; what is on its way is lost when the bit rates or the kind
   * of time change.
   *
   * @throws {RangeError | TypeError} `ERR_SOCKETCAN_INVALID_OPTION`
   */
  configure(settings: BusSettings): this {
    const before = this.#settings;
    this.#settings = checkSettings(before, settings);
    const { virtualTime, bitrate, dataBitrate, seed } = this.#settings;
    if (settings.seed !== undefined) this.#chance = new Chance(seed);
    if (virtualTime !== before.virtualTime) {
      this.#timeline.clear();
      this.#timeline = new Timeline(virtualTime);
      this.#forget();
    } else if (bitrate !== before.bitrate || dataBitrate !== before.dataBitrate) this.#forget();
    return this;
  }

  /**
   * As new: up, all settings as they were born, no record, nothing on its way. Sockets on it stay,
   * unless it was removed.
   */
  reset(): this {
    this.#link.set('up');
    this.#recording = undefined;
    this.configure(DEFAULTS);
    this.#forget();
    return this;
  }

  /** The bus's clock, in ns: monotonic, or virtual time since it was switched on. */
  get now(): bigint {
    return this.#timeline.now;
  }

  /**
   * Lets virtual time pass, in ns; what falls due on the way happens. Needs `virtualTime: true`.
   *
   * @throws {RangeError | TypeError} `ERR_SOCKETCAN_INVALID_OPTION`
   */
  advance(ns: bigint): void {
    this.#timeline.advance(ns);
  }

  /**
   * Puts a frame on the bus from outside this host, as another controller would, or an error frame
   * as the driver would. Bytes go as they are, 16 or 72 of them, however malformed.
   *
   * @throws {SystemError} ENETDOWN, or ENODEV after {@link remove}
   * @throws {RangeError | TypeError} `ERR_SOCKETCAN_INVALID_FRAME`
   */
  inject(frame: Frame | Uint8Array): void {
    const bytes = bytesOf(frame);
    if (this.state === 'gone') throw this.#gone('inject');
    if (this.state === 'down') {
      throw systemError(-ENETDOWN, 'inject', {
        interface: this.interfaceName,
        hint: `the link is down; VirtualBus.get('${this.name}').up() brings it up`,
      });
    }
    this.#enter({ from: undefined, bytes });
  }

  /** Begins a record of all that passes, with nothing in it. It grows until {@link stopRecording}. */
  startRecording(): void {
    this.#recording = [];
  }

  /** Ends the record, and returns it. */
  stopRecording(): readonly RecordedFrame[] {
    const { recorded } = this;
    this.#recording = undefined;
    return recorded;
  }

  /** All that has passed since {@link startRecording}, which goes on; empty without it. */
  get recorded(): readonly RecordedFrame[] {
    return this.#recording ?? [];
  }

  /** @internal A socket comes onto the bus. */
  attach(options: EndpointOptions): VirtualNode {
    if (this.state === 'gone') throw this.#gone('bind');
    const node = new VirtualNode(options, this.interfaceName);
    this.#nodes.add(node);
    return node;
  }

  /** @internal A socket leaves. */
  detach(node: VirtualNode): void {
    this.#nodes.delete(node);
    this.#wire?.remove(node);
    node.close();
  }

  /**
   * @internal A socket sends: the number of frames taken, or a negative error number, as sendmmsg(2)
   * on a CAN_RAW socket has it.
   */
  send(node: VirtualNode, batch: OutgoingBatch, count: number): number {
    if (node.dead) return -ENXIO;
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
    const result = sendResult(batch.size(index), batch.length(index), node.fd, this.mtu);
    if (result < 0) return result;
    if (this.state === 'down') return -ENETDOWN;
    if (this.#wire === undefined) return 0;
    const waiting = this.#wire.waiting(node) + index;
    if (waiting >= SEND_BUFFER_FRAMES) return -EAGAIN;
    return waiting >= this.#settings.txQueueLength ? -ENOBUFS : 0;
  }

  #enter(passage: Passage): void {
    if (this.#wire === undefined) this.#pass(passage);
    else this.#wire.send(passage);
  }

  #pass(passage: Passage): void {
    const { faults } = this.#settings;
    const { fate, delayNs } = this.#chance.fate(faults);
    this.#recording?.push({
      timeNs: this.now,
      frame: frameOf(passage.bytes),
      bytes: passage.bytes,
      fate,
    });
    if (fate === 'delay') {
      this.#timeline.at(this.now + delayNs, () => {
        this.#deliver(passage);
      });
      return;
    }
    if (fate === 'reorder' && this.#held === undefined) {
      this.#held = passage;
      this.#timeline.at(this.now + REORDER_NS, () => {
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
    // A socket with CAN_RAW_LOOPBACK off is heard by other hosts only, and on this bus there are none.
    if (from?.loopback === false) return;
    const canId = new Uint32Array(bytes.buffer, bytes.byteOffset, 1)[0] as number;
    for (const node of this.#nodes) {
      if (!accepts(node, canId, bytes.byteLength, node === from)) continue;
      const local = from === undefined ? 0 : MSG_DONTROUTE;
      node.deliver(bytes, node === from ? MSG_CONFIRM | local : local);
    }
  }

  /** All that is on its way is lost. */
  #forget(): void {
    const { bitrate, dataBitrate } = this.#settings;
    const timing = { bitrate, dataBitrate: dataBitrate === 0 ? bitrate : dataBitrate };
    this.#timeline.clear();
    this.#held = undefined;
    this.#wire =
      bitrate === 0
        ? undefined
        : new Wire(this.#timeline, timing, (passage) => {
            this.#pass(passage);
          });
  }

  #gone(syscall: string): Error {
    return systemError(-ENODEV, syscall, {
      interface: this.interfaceName,
      hint: `the virtual bus was removed; VirtualBus.get('${this.name}').add() brings it back`,
    });
  }
}

function invalidName(kind: typeof TypeError | typeof RangeError, found: string): Error {
  return invalidArgument(
    new kind(`The name of a virtual bus must be a string of 1 character or more, not ${found}`),
    'ERR_SOCKETCAN_INVALID_NAME',
  );
}

function bytesOf(frame: Frame | Uint8Array): WireFrame {
  if (frame instanceof Uint8Array) {
    if (frame.byteLength === CAN_MTU || frame.byteLength === CANFD_MTU) {
      return Uint8Array.from(frame);
    }
    throw invalidArgument(
      new RangeError(`The bytes of a frame are 16 or 72, not ${frame.byteLength}`),
      'ERR_SOCKETCAN_INVALID_FRAME',
    );
  }
  if (![DataFrame, RemoteFrame, ErrorFrame].some((kind) => frame instanceof kind)) {
    throw invalidArgument(
      new TypeError(`What is injected must be a frame or its bytes, not ${String(frame)}`),
      'ERR_SOCKETCAN_INVALID_FRAME',
    );
  }
  const bytes = new Uint8Array(CANFD_MTU);
  const size = encodeFrame(frame, { bytes, words: new Uint32Array(bytes.buffer) }, 0);
  return bytes.slice(0, size);
}
