import { CANSocket, type Frame } from '../../../index';
import type { Terminal } from '../../main/terminal';
import { FRAMES_PER_CALL, sendFrames } from '../../send/send-frames';
import type { SendSummary } from '../../send/send-summary';
import { PeriodicYield } from '../../time/periodic-yield';

interface Output {
  readonly socket: CANSocket;
  waiting: Frame[];
}

/** Sends frames on several interfaces, many per call and in order on each. */
export class FrameSender {
  readonly summary: SendSummary;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal;
  readonly #periodicYield: PeriodicYield;
  readonly #outputs = new Map<string, Output>();
  /** Sends the frames of this turn of the event loop. */
  #immediate: NodeJS.Immediate | undefined;
  /** The calls that `#immediate` has made, and the first error of them. */
  #sending: Promise<unknown> = Promise.resolve();
  #failure: unknown;

  constructor(summary: SendSummary, timeoutMs: number, { signal, clock }: Terminal) {
    this.summary = summary;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
    this.#periodicYield = new PeriodicYield(clock);
  }

  /** Opens an interface, unless it is open. @throws {SystemError} */
  open(interfaceName: string): void {
    if (this.#outputs.has(interfaceName)) return;
    this.#outputs.set(interfaceName, { socket: new CANSocket(interfaceName), waiting: [] });
  }

  /** Adds a frame for an open interface. It is sent by {@link flush}, or at the end of this turn of the event loop. */
  async add(interfaceName: string, frame: Frame): Promise<void> {
    const waiting = this.#outputs.get(interfaceName)?.waiting;
    waiting?.push(frame);
    if ((waiting?.length ?? 0) >= FRAMES_PER_CALL) {
      await this.flush();
      await this.#periodicYield.yieldIfDue();
      return;
    }
    this.#immediate ??= setImmediate(() => {
      this.#sending = this.flush().catch((error: unknown) => {
        this.#failure ??= error;
      });
    });
  }

  /** Resolves when the kernel has accepted all frames, or they have expired. */
  async flush(): Promise<void> {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    const before = this.#sending;
    const sending = [...this.#outputs.values()].map((output) => this.#send(output));
    const results = await Promise.allSettled(sending);
    await before;
    if (this.#failure !== undefined) throw this.#failure as Error;
    for (const result of results) {
      if (result.status === 'rejected') throw result.reason as Error;
    }
  }

  async close(): Promise<void> {
    clearImmediate(this.#immediate);
    await this.#sending;
    await Promise.all([...this.#outputs.values()].map(({ socket }) => socket.close()));
  }

  async #send(output: Output): Promise<void> {
    const { socket, waiting } = output;
    if (waiting.length === 0) return;
    output.waiting = [];
    const options = { timeoutMs: this.#timeoutMs, signal: this.#signal };
    await sendFrames(socket, waiting, options, this.summary);
  }
}
