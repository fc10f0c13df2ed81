import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** First bytes of MQTT packets from a broker. */
export const CONNACK = 0x20;
export const PUBACK = 0x40;
export const SUBACK = 0x90;

/** A cable between a client and a broker, which can break while both go on. */
export class Cable {
  readonly #ends = new Set<Socket>();
  readonly #server: Server;
  readonly #path: string;
  /** Types of the packets that began what the client has got. */
  readonly #passed = new Set<number | undefined>();
  #last: { readonly type: number; readonly cut: () => void } | undefined;

  private constructor(target: string) {
    this.#path = `${target}.cable`;
    this.#server = createServer((client) => {
      this.#plugIn(client, connect(target));
    });
  }

  /** @param brokerURL `mqtt+unix://` and the path of the broker's socket */
  static async to(brokerURL: string): Promise<Cable> {
    const cable = new Cable(new URL(brokerURL).pathname);
    cable.#server.listen(cable.#path);
    await once(cable.#server, 'listening');
    return cable;
  }

  get url(): string {
    return `mqtt+unix://${this.#path}`;
  }

  /** Whether the client has got a packet of this type, as the answer to one of its own. */
  passed(type: number): boolean {
    return this.#passed.has(type);
  }

  /** Breaks every connection. The client may connect again at once. */
  cut(): void {
    for (const end of this.#ends) end.destroy();
  }

  /** Resolves when the client has got a packet of this type, and the broker nothing after it. */
  cutAfter(type: number): Promise<void> {
    return new Promise((resolve) => {
      this.#last = { type, cut: resolve };
    });
  }

  async remove(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #plugIn(client: Socket, broker: Socket): void {
    for (const [end, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.#ends.add(end);
      end.on('error', () => undefined);
      end.on('close', () => {
        this.#ends.delete(end);
        other.destroy();
      });
    }
    client.on('data', (chunk) => broker.write(chunk));
    broker.on('data', (chunk: Buffer) => {
      this.#passed.add(chunk[0]);
      const last = this.#last;
      if (last === undefined || chunk[0] !== last.type) {
        client.write(chunk);
        return;
      }
      this.#last = undefined;
      broker.destroy();
      client.removeAllListeners('data').end(chunk, last.cut);
    });
  }
}
