import { addVcan, ip, removeLink } from '../support/kernel/guest';
import { RawWriter } from '../support/kernel/raw';
import type { PollerKind } from '../../src';
import type { Neighbour, World } from './world';

/** A vcan of the kernel. Needs CAN and root. */
export class VcanWorld implements World {
  readonly kind = 'vcan';
  readonly interfaceName = 'vcan7';
  readonly absentName = 'vcan99';
  readonly poller: PollerKind;

  constructor(poller: PollerKind) {
    this.poller = poller;
  }

  create(): void {
    addVcan(this.interfaceName);
  }

  destroy(): void {
    removeLink(this.interfaceName);
  }

  down(): void {
    ip('link', 'set', this.interfaceName, 'down');
  }

  up(): void {
    ip('link', 'set', this.interfaceName, 'up');
  }

  remove(): void {
    this.destroy();
  }

  add(): void {
    this.create();
  }

  /** The kernel changes the MTU only while the interface is down. */
  setMTU(mtu: 16 | 72): void {
    this.down();
    ip('link', 'set', this.interfaceName, 'mtu', String(mtu));
    this.up();
  }

  neighbour(): Neighbour {
    return new RawWriter(this.interfaceName);
  }
}
