import type { Frame } from '../frame/frame';
import { MSG_DONTWAIT, MSG_NOSIGNAL } from '../libc/constants';
import { ENETDOWN, ENODEV, ENXIO } from '../libc/errno';
import { systemError } from '../libc/errors';
import { sendmmsg } from '../libc/message';
import type { Link, LinkListener, LinkSubscription } from '../netlink/link';
import { invalidValue } from '../options/check';
import { INVALID_NAME } from '../options/invalid';
import type { RawEndpointOptions, OutgoingFrames } from '../raw/endpoint';
import { injectedBytes } from './frame-bytes';
import { sendErrno } from './kernel-rules';
import { VirtualLink } from './link';
import { BusSimulation } from './bus-simulation';
import { VirtualNode } from './node';
import type { RecordedFrame } from './recording';
import { DEFAULTS, type BusSettings } from './settings';

/** All buses by name. */
const buses = new Map<string, VirtualBus>();

/**
 * A CAN bus inside this process, for machines and tests without CAN. Open it like an interface, with the name
 * `virtual:NAME`. Tests use this object to control its link, its bit timing and its faults.
 *
 * All sockets of this JavaScript thread with the same NAME are on the same bus. It behaves like a vcan, except for
 * its settings and the differences that docs/virtual.md lists.
 */
export class VirtualBus {
  /** The name without `virtual:`. */
  readonly name: string;
  readonly #link: VirtualLink;
  readonly #nodes = new Set<VirtualNode>();
  readonly #simulation = new BusSimulation(this.#nodes);

  private constructor(name: string) {
    this.name = name;
    this.#link = new VirtualLink(this.interfaceName);
  }

  /**
   * Returns the bus of this name. The first use creates it: up, with MTU 72, without bit rate and faults.
   *
   * @throws {RangeError | TypeError} `ERR_SOCKETCAN_INVALID_NAME`
   */
  static get(name: string): VirtualBus {
    if (typeof (name as unknown) !== 'string' || name === '') {
      const rule = 'a string of at least one character';
      throw invalidValue('The name of a virtual bus', rule, name, typeof (name as unknown) === 'string', INVALID_NAME);
    }
    let bus = buses.get(name);
    if (bus === undefined) {
      bus = new this(name);
      buses.set(name, bus);
    }
    return bus;
  }

  /** The name for opening a socket or a media: `virtual:NAME`. */
  get interfaceName(): string {
    return `virtual:${this.name}`;
  }

  /** The state of the link; 'gone' after {@link remove}. */
  get state(): Link {
    return this.#link.state;
  }

  /** @internal The number of the interface, above 0. Each interface that {@link add} creates has a new one. */
  get index(): number {
    return this.#link.index;
  }

  /** 16: classic CAN only; 72: CAN FD too. */
  get mtu(): 16 | 72 {
    return this.#simulation.mtu;
  }

  /** The number of sockets on this bus, without sockets of an interface that was removed. */
  get nodes(): number {
    return this.#nodes.size;
  }

  /** The time of the bus, in ns: monotonic, or virtual time since it was turned on. */
  get now(): bigint {
    return this.#simulation.now;
  }

  /** The frames since {@link startRecording}, which continues; empty while the bus does not record. */
  get recorded(): readonly RecordedFrame[] {
    return this.#simulation.recording.frames;
  }

  /** Takes the link down, as `ip link set ... down` does. Frames in transit are lost, and sends wait. */
  down(): void {
    if (this.state !== 'up') return;
    this.#simulation.clear();
    for (const node of this.#nodes) node.fail(ENETDOWN);
    this.#link.set('down');
  }

  /**
   * Brings the link up. The sockets continue.
   *
   * @throws {SystemError} ENODEV after {@link remove}
   */
  up(): void {
    if (this.state === 'gone') throw this.#goneError('up');
    this.#link.set('up');
  }

  /** Removes the interface, as `ip link del` does. Its sockets emit 'gone' and wait for {@link add}. */
  remove(): void {
    if (this.state === 'gone') return;
    this.#simulation.clear();
    for (const node of this.#nodes) {
      node.removed = true;
      node.fail(ENODEV);
    }
    this.#nodes.clear();
    this.#link.set('gone');
  }

  /** Creates the interface again after {@link remove}, with the link up. The sockets reopen it. */
  add(): void {
    if (this.state === 'gone') this.#link.set('up');
  }

  /**
   * Changes the given settings and keeps the others. A change of a bit rate or of `virtualTime` loses the frames in
   * transit.
   *
   * @throws {RangeError | TypeError} `ERR_SOCKETCAN_INVALID_OPTION`; then nothing changes
   */
  configure(settings: BusSettings): this {
    this.#simulation.configure(settings);
    return this;
  }

  /**
   * Restores a new bus: link up, default settings, no record, no frames in transit. Sockets stay on it, unless the
   * interface was removed.
   */
  reset(): this {
    this.#link.set('up');
    this.#simulation.recording.stop();
    this.#simulation.configure(DEFAULTS);
    this.#simulation.clear();
    return this;
  }

  /**
   * Advances virtual time. The frames that become due are in the sockets' receive buffers when it returns. Needs
   * `virtualTime: true`.
   *
   * @param ns nanoseconds, 0 or more
   * @throws {RangeError | TypeError} `ERR_SOCKETCAN_INVALID_OPTION`
   */
  advance(ns: bigint): void {
    this.#simulation.advance(ns);
  }

  /**
   * Sends a frame from outside this host: as another controller does, or an error frame as the driver does. Sends 16
   * or 72 bytes unchanged, even malformed ones.
   *
   * @throws {SystemError} ENETDOWN while the link is down, or ENODEV after {@link remove}
   * @throws {RangeError | TypeError} `ERR_SOCKETCAN_INVALID_FRAME`
   */
  inject(frame: Frame | Uint8Array): void {
    const bytes = injectedBytes(frame);
    if (this.state === 'gone') throw this.#goneError('inject');
    if (this.state === 'down') {
      throw systemError(-ENETDOWN, 'inject', {
        interface: this.interfaceName,
        hint: `the link is down; VirtualBus.get('${this.name}').up() brings it up`,
      });
    }
    this.#simulation.send({ sender: undefined, bytes });
  }

  /** Starts an empty record of all transmitted frames. It grows until {@link stopRecording}. */
  startRecording(): void {
    this.#simulation.recording.start();
  }

  /** Ends the record and returns it. */
  stopRecording(): readonly RecordedFrame[] {
    return this.#simulation.recording.stop();
  }

  /** @internal Reports the changes of the link to a listener. */
  watch(listener: LinkListener): LinkSubscription {
    return this.#link.watch(listener);
  }

  /** @internal Adds a socket. @throws {SystemError} ENODEV after {@link remove}; EMFILE, ... */
  attach(options: RawEndpointOptions): VirtualNode {
    if (this.state === 'gone') throw this.#goneError('bind');
    const node = new VirtualNode(options, this.interfaceName);
    this.#nodes.add(node);
    return node;
  }

  /** @internal Removes a socket and closes it. */
  detach(node: VirtualNode): void {
    this.#nodes.delete(node);
    this.#simulation.remove(node);
    node.close();
  }

  /**
   * @internal Sends the first `count` frames of a batch. Returns the number of accepted frames or, if the first is
   * refused, a negative error number, like sendmmsg(2) on a CAN_RAW socket.
   */
  send(node: VirtualNode, batch: OutgoingFrames, count: number): number {
    if (node.removed) return -ENXIO;
    let accepted = 0;
    let result = 0;
    for (; accepted < count; accepted++) {
      result = this.#sendErrno(node, batch, accepted);
      if (result < 0) break;
    }
    if (accepted === 0) return result;
    const sent = sendmmsg(node.userEnd, batch.headers, 0, accepted, MSG_DONTWAIT | MSG_NOSIGNAL);
    for (let bytes = node.take(); bytes !== undefined; bytes = node.take()) {
      this.#simulation.send({ sender: node, bytes });
    }
    return sent;
  }

  /** Returns 0 if the bus accepts a frame of a batch, or a negative error number. */
  #sendErrno(node: VirtualNode, batch: OutgoingFrames, index: number): number {
    const result = sendErrno(batch.size(index), batch.length(index), node.canFD, this.mtu);
    if (result < 0) return result;
    return this.state === 'down' ? -ENETDOWN : this.#simulation.queueErrno(node, index);
  }

  #goneError(syscall: string): Error {
    return systemError(-ENODEV, syscall, {
      interface: this.interfaceName,
      hint: `the virtual bus was removed; VirtualBus.get('${this.name}').add() brings it back`,
    });
  }
}
