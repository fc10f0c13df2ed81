import { CANSocket, type Frame } from '../../../index';
import type { Terminal } from '../../main/command';
import type { SendAccount } from '../../send/sent';
import { Turns } from '../../main/wait';

/** Frames handed over in one call: what is read ahead of the bus. */
const BATCH = 256;

interface Sender {
  readonly socket: CANSocket;
  waiting: Frame[];
}

/** Sends frames on several interfaces, which are opened when first needed. Order is kept on each. */
export class Senders {
  readonly account: SendAccount;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal;
  readonly #turns: Turns;
  /** Sends of {@link add}'s own that have not ended, and how the first of them failed. */
  #sending: Promise<unknown> = Promise.resolve();
  #failure: unknown;
  #immediate: NodeJS.Immediate | undefined;
  readonly #sockets = new Map<string, Sender>();

  constructor(account: SendAccount, timeoutMs: number, { signal, clock }: Terminal) {
    this.account = account;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
    this.#turns = new Turns(clock);
  }

  /** Opens an interface, if it is not open. @throws {SystemError} */
  open(interfaceName: string): void {
    if (this.#sockets.has(interfaceName)) return;
    this.#sockets.set(interfaceName, { socket: new CANSocket(interfaceName), waiting: [] });
  }

  /** Takes a frame for an open interface. It is sent with {@link flush}, or with those of this turn. */
  async add(interfaceName: string, frame: Frame): Promise<void> {
    const waiting = this.#sockets.get(interfaceName)?.waiting;
    waiting?.push(frame);
    if ((waiting?.length ?? 0) >= BATCH) {
      await this.flush();
      await this.#turns.give();
      return;
    }
    this.#immediate ??= setImmediate(() => {
      this.#sending = this.flush().catch((error: unknown) => {
        this.#failure ??= error;
      });
    });
  }

  /** Resolves when the kernel has taken all, or their time is over. */
  async flush(): Promise<void> {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    const before = this.#sending;
    const sending = [...this.#sockets.values()].map((sender) => this.#send(sender));
    const results = await Promise.allSettled(sending);
    await before;
    if (this.#failure !== undefined) throw this.#failure as Error;
    for (const result of results) {
      if (result.status === 'rejected') throw result.reason as Error;
    }
  }

  async #send(sender: Sender): Promise<void> {
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
  }

  async close(): Promise<void> {
    clearImmediate(this.#immediate);
    await this.#sending;
    await Promise.all([...this.#sockets.values()].map(({ socket }) => socket.close()));
  }
}
