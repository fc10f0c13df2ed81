import { CANSocket, DataFrame, VirtualBus, type BusSettings, type ReceivedFrame } from '../../../../src';
import { Bridge, type BridgeOptions } from '../../../../src/cli/commands/bridge/bridge';
import type { DirectionStatistics } from '../../../../src/cli/commands/bridge/summary';

let buses = 0;

/** Returns a bus that no other test uses. */
export function newBus(settings: BusSettings = {}): VirtualBus {
  return VirtualBus.get(`bridge${++buses}`).configure(settings);
}

/** A frame that differs from those with another number. */
export function numberedFrame(n: number): DataFrame {
  return new DataFrame(29, n, Uint8Array.of(n & 255, n >> 8));
}

/** A node on a bus that keeps the frames it receives as text. */
export class Node implements AsyncDisposable {
  readonly socket: CANSocket;
  readonly texts: string[] = [];

  constructor(bus: VirtualBus) {
    this.socket = new CANSocket(bus.interfaceName);
    this.socket.on('frames', (frames: readonly ReceivedFrame[]) => {
      for (const { frame } of frames) this.texts.push(String(frame));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.socket.close();
  }
}

/** A bridge between two new sockets. */
export class Bridged implements AsyncDisposable {
  readonly bridge: Bridge;
  readonly sockets: readonly CANSocket[];

  constructor(a: VirtualBus, b: VirtualBus, options: BridgeOptions = {}) {
    const [first, second] = [new CANSocket(a.interfaceName), new CANSocket(b.interfaceName)];
    this.sockets = [first, second];
    this.bridge = new Bridge(first, second, options);
  }

  /** The counts of the direction from the first socket to the second (forth), or back. */
  statistics(way: 'forth' | 'back' = 'forth'): DirectionStatistics {
    const direction = this.bridge.directions[way === 'forth' ? 0 : 1];
    if (direction === undefined) throw new Error('There is no such direction');
    return direction.statistics;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bridge.stop();
    await Promise.all(this.sockets.map((socket) => socket.close()));
  }
}

/** The sum of all counts that must equal received. */
export function sumOf(statistics: DirectionStatistics): number {
  const { forwarded, filtered, expired, refused, dropped, waiting } = statistics;
  return forwarded + filtered + expired + refused + dropped + waiting;
}
