import { VirtualBus, type PollerKind } from '../../src';
import type { Neighbour, World } from './world';

/** A bus inside this process. Runs on every machine. */
export class VirtualWorld implements World {
  readonly kind = 'virtual';
  readonly interfaceName = 'virtual:contract';
  readonly absentName = 'virtual:absent';
  readonly #bus = VirtualBus.get('contract');
  readonly poller: PollerKind;

  constructor(poller: PollerKind) {
    this.poller = poller;
  }

  create(): void {
    this.#bus.reset();
    VirtualBus.get('absent').remove();
  }

  destroy(): void {
    this.#bus.remove();
  }

  down(): void {
    this.#bus.down();
  }

  up(): void {
    this.#bus.up();
  }

  remove(): void {
    this.#bus.remove();
  }

  add(): void {
    this.#bus.add();
  }

  setMTU(mtu: 16 | 72): void {
    this.#bus.configure({ mtu });
  }

  neighbour(): Neighbour {
    return {
      write: (bytes) => {
        this.#bus.inject(bytes);
        return bytes.byteLength;
      },
      close: () => undefined,
    };
  }
}
