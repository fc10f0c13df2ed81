import type { Link } from '../netlink/link';
import type { OutgoingFrames, RawEndpoint, RawEndpointOptions } from '../raw/endpoint';
import { VirtualBus } from './bus';
import { filterWords } from './kernel-rules';
import { NODE_RECORD, type VirtualNode } from './node';

/** The endpoint of a socket on the bus `virtual:NAME`. */
export class VirtualEndpoint implements RawEndpoint {
  readonly interfaceName: string;
  readonly openedNs = process.hrtime.bigint();
  readonly layout = NODE_RECORD;
  readonly index: number;
  /** The kernel stamps the packets of a local socket. There is no controller with a clock. */
  readonly timestamps = 'software';
  readonly #bus: VirtualBus;
  readonly #node: VirtualNode;

  /** @throws {SystemError} ENODEV if the bus was removed; EMFILE, ... */
  constructor(busName: string, options: RawEndpointOptions) {
    this.#bus = VirtualBus.get(busName);
    this.#node = this.#bus.attach(options);
    this.interfaceName = this.#bus.interfaceName;
    this.index = this.#bus.index;
  }

  get fd(): number {
    return this.#node.userEnd;
  }

  get receiveBufferSize(): number {
    return this.#node.receiveBufferSize;
  }

  link(): Link {
    return this.#node.removed ? 'gone' : this.#bus.state;
  }

  mtu(): number {
    return this.#bus.mtu;
  }

  /** The bus echoes a frame after it transmitted it. */
  confirmation(): 'bus' {
    return 'bus';
  }

  setFilters(filters: Uint8Array): void {
    this.#node.filters = filterWords(filters);
  }

  setErrorMask(mask: number): void {
    this.#node.errorMask = mask;
  }

  setReceiveOwn(on: boolean): void {
    this.#node.receiveOwn = on;
  }

  send(batch: OutgoingFrames, count: number): number {
    return this.#bus.send(this.#node, batch, count);
  }

  drops(): number {
    return this.#node.drops;
  }

  close(): void {
    this.#bus.detach(this.#node);
  }
}
