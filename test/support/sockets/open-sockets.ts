import { CANSocket } from '../../../src';

/** Sockets of one test. Close them in afterEach, so that they close after a failure, too. */
export class OpenSockets {
  readonly #open: CANSocket[] = [];

  on(...args: ConstructorParameters<typeof CANSocket>): CANSocket {
    const socket = new CANSocket(...args);
    this.#open.push(socket);
    return socket;
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((socket) => socket.close()));
  }
}
