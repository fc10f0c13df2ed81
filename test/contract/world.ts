import type { PollerKind } from '../../src';

/** Puts any bytes on the bus, valid or not. */
export interface Neighbour {
  /** 16 or 72 bytes; the number of bytes written, or a negative error number. */
  write(bytes: Uint8Array): number;
  close(): void;
}

/**
 * A bus for the contract suite, and the means to change the world around it. The suite is the same
 * for each kind of bus. docs/virtual.md lists all differences between them.
 */
export interface World {
  readonly kind: 'virtual' | 'vcan';
  /** The poller of all sockets and media of the suite. */
  readonly poller: PollerKind;
  /** The name of the interface. */
  readonly interfaceName: string;
  /** A name of the same kind that does not exist. */
  readonly absentName: string;
  /** Creates the interface: up, MTU 72, without sockets. */
  create(): void;
  destroy(): void;
  down(): void;
  up(): void;
  remove(): void;
  add(): void;
  setMTU(mtu: 16 | 72): void;
  neighbour(): Neighbour;
}

/** Writes frames without data from outside this host. */
export function put(world: World, ...canIds: readonly number[]): void {
  const neighbour = world.neighbour();
  for (const canId of canIds) neighbour.write(frameBytes(canId, 0));
  neighbour.close();
}

/** struct can_frame (16 bytes) or canfd_frame (72), filled with 5A up to its length. */
export function frameBytes(canId: number, length: number, fd = false, flags = 0): Uint8Array {
  const frame = Buffer.alloc(fd ? 72 : 16);
  new Uint32Array(frame.buffer, frame.byteOffset, 1)[0] = canId;
  frame[4] = length;
  frame[5] = flags;
  return frame.fill(0x5a, 8, 8 + Math.min(length, fd ? 64 : 8));
}

/** An error frame of these classes. */
export function errorBytes(classes: number, data: readonly number[]): Uint8Array {
  const frame = Buffer.from(frameBytes(classes | 0x20000000, 8));
  frame.set(data, 8);
  return frame;
}
