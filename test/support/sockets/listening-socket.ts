import { CANSocket, ErrorFrame, type CANSocketOptions, type ReceivedFrame, type SocketStatistics } from '../../../src';
import { leftovers } from '../asserts/leftovers';
import { until } from '../waiting/until';

const open = leftovers<ListeningSocket>((each) => each.close());

/** A CANSocket that keeps its received frames, and its errors. */
export class ListeningSocket {
  readonly socket: CANSocket;
  readonly received: ReceivedFrame[] = [];
  readonly errors: Error[] = [];

  constructor(interfaceName: string, options: CANSocketOptions = {}) {
    this.socket = new CANSocket(interfaceName, options);
    open.add(this);
    this.socket.on('error', (error) => this.errors.push(error));
    this.socket.on('frames', (frames) => this.received.push(...frames));
  }

  get statistics(): SocketStatistics {
    return this.socket.statistics;
  }

  get texts(): string[] {
    return this.received.map(({ frame }) => String(frame));
  }

  /** The identifiers of data and remote frames. */
  get identifiers(): number[] {
    return this.received.flatMap(({ frame }) => (frame instanceof ErrorFrame ? [] : [frame.identifier]));
  }

  get errorFrames(): ErrorFrame[] {
    return this.received.flatMap(({ frame }) => (frame instanceof ErrorFrame ? [frame] : []));
  }

  async until(count: number): Promise<void> {
    await until(() => this.received.length >= count, `${this.received.length} of ${count} frames`);
  }

  /**
   * Waits for the frame that the test sent last. Removes all received frames and returns the texts of
   * those before it.
   */
  async takeBefore(last: string): Promise<string[]> {
    await until(() => this.texts.at(-1) === last, `${last}, the last frame sent`);
    return this.received
      .splice(0)
      .map(({ frame }) => String(frame))
      .slice(0, -1);
  }

  close(): Promise<void> {
    open.delete(this);
    return this.socket.close();
  }
}
