import { CANSocket, VirtualBus, type BusSettings, type ReceivedFrame } from '../../../../src';
import { Bridge, type BridgeOptions } from '../../../../src/cli/commands/bridge/bridge';
import type { DirectionStatistics } from '../../../../src/cli/commands/bridge/direction';

let buses = 0;

/** A bus nobody has used. */
export function newBus(settings: BusSettings = {}): VirtualBus {
  return VirtualBus.get(`bridge${++buses}`).configure(settings);
}

/** A node on a bus, with what it has received as text. */
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

/** A bridge with sockets of its own. */
export class Bridged implements AsyncDisposable {
  readonly bridge: Bridge;
  readonly sockets: readonly CANSocket[];

  constructor(a: VirtualBus, b: VirtualBus, options: BridgeOptions = {}) {
    const [first, second] = [new CANSocket(a.interfaceName), new CANSocket(b.interfaceName)];
    this.sockets = [first, second];
    this.bridge = new Bridge(first, second, options);
  }

  /** Of the direction from the first to the second, or back. */
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

/** What the account says beside received, added up. */
export function sumOf(statistics: DirectionStatistics): number {
  const { forwarded, filtered, expired, refused, dropped, waiting } = statistics;
  return forwarded + filtered + expired + refused + dropped + waiting;
}
