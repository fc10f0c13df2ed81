import { CANSocket, type Frame } from '../../index';
import type { SendAccount } from '../sent';
import { Turns } from '../wait';

/** Frames handed over in one call: what is read ahead of the bus. */
const BATCH = 256;

/** Sends frames on several interfaces, which are opened when first needed. Order is kept on each. */
export class Senders {
  readonly account: SendAccount;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal;
  readonly #turns = new Turns();
  readonly #sockets = new Map<string, { readonly socket: CANSocket; waiting: Frame[] }>();

  constructor(account: SendAccount, timeoutMs: number, signal: AbortSignal) {
    this.account = account;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
  }

  /** Takes a frame; it is sent with {@link flush}, or when there are many. @throws {SystemError} */
  async add(interfaceName: string, frame: Frame): Promise<void> {
    let sender = this.#sockets.get(interfaceName);
    if (sender === undefined) {
      sender = { socket: new CANSocket(interfaceName), waiting: [] };
      this.#sockets.set(interfaceName, sender);
    }
    sender.waiting.push(frame);
    if (sender.waiting.length >= BATCH) await this.flush();
  }

  /** Resolves when the kernel has taken all, or their time is over. */
  async flush(): Promise<void> {
    const sending = [...this.#sockets.values()].map(async (sender) => {
      const { socket, waiting } = sender;
      if (waiting.length === 0) return;
      sender.waiting = [];
      try {
        const options = { timeoutMs: this.#timeoutMs, signal: this.#signal };
        this.account.add(waiting.length, await socket.send(waiting, options));
      } catch (error) {
        this.account.addFailed(waiting.length, error);
        throw error;
      }
    });
    const results = await Promise.allSettled(sending);
    for (const result of results) {
      if (result.status === 'rejected') throw result.reason as Error;
    }
    await this.#turns.give();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sockets.values()].map(({ socket }) => socket.close()));
  }
}
