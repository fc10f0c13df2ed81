import { abortError, onAbort } from '../../abort';
import { checkInteger, checkSignal } from '../../options/check';

/** Options of {@link CANSocket.frames}. */
export interface IterationOptions {
  /** How many frames may wait for the loop: 1 to 2**24, default 16384. Further ones are discarded and counted. */
  readonly limit?: number;
  /** Ends the loop with an AbortError. */
  readonly signal?: AbortSignal;
}

/** Enough for 4 s at 4000 frames/s. */
const LIMIT = 16_384;

/** A socket: it emits arrays of messages that arrived together, and the events 'error' and 'close'. */
export interface MessageSource {
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
}

/** A call of next() that waits. */
interface Waiter<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The messages of a socket one by one, for `for await`. It keeps them from its creation on. When more wait than the
 * limit, it discards the newest, as the kernel does. The loop ends when the socket closes, and throws the error of a
 * socket that fails, both after the messages that arrived before.
 */
export class Iteration<T> implements AsyncIterableIterator<T, undefined> {
  readonly #source: MessageSource;
  readonly #event: string;
  readonly #limit: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onDiscard: (count: number) => void;
  #waiting: T[] = [];
  /** The index of the first message in #waiting that was not returned yet. */
  #first = 0;
  #waiters: Waiter<T>[] = [];
  #unwatch: (() => void) | undefined;
  #ended = false;
  #error: Error | undefined;
  #discarded = 0;

  /** @param event the event of the source whose argument is an array of messages */
  constructor(
    source: MessageSource,
    event: string,
    options: IterationOptions,
    onDiscard: (count: number) => void = () => undefined,
  ) {
    this.#source = source;
    this.#event = event;
    this.#limit = checkInteger('The option limit', options.limit ?? LIMIT, 1, 2 ** 24);
    this.#signal = checkSignal('The option signal', options.signal);
    this.#onDiscard = onDiscard;
    if (this.#signal?.aborted === true) {
      this.#onAbort();
      return;
    }
    source.on(event, this.#onMessages);
    source.on('error', this.#onError);
    source.on('close', this.#onClose);
    this.#unwatch = onAbort(this.#signal, this.#onAbort);
  }

  /** How many messages were discarded because the limit was reached. */
  get discarded(): number {
    return this.#discarded;
  }

  /** Resolves with the next message; done when the socket is closed. */
  next(): Promise<IteratorResult<T, undefined>> {
    const message = this.#waiting[this.#first];
    if (message !== undefined) {
      this.#first++;
      // Cut the array when half of it was returned: shift() of a long array copies all of it.
      const { length } = this.#waiting;
      if (this.#first === length || (this.#first >= 1024 && 2 * this.#first >= length)) {
        this.#waiting = this.#waiting.slice(this.#first);
        this.#first = 0;
      }
      return Promise.resolve({ done: false, value: message });
    }
    if (this.#error !== undefined) {
      const error = this.#error;
      this.#error = undefined; // Thrown once, as a generator does. Then the iteration is done.
      return Promise.reject(error);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  /** Ends the iteration, as `break` does. Drops waiting messages, and the error of the socket. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#end();
    this.#error = undefined;
    this.#drop();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Returns the iteration itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #onMessages = (messages: readonly T[]): void => {
    let taken = 0;
    for (; taken < messages.length && this.#waiters.length > 0; taken++) {
      this.#waiters.shift()?.resolve({ done: false, value: messages[taken] as T });
    }
    const room = this.#limit - (this.#waiting.length - this.#first);
    const kept = Math.min(room, messages.length - taken);
    for (let i = 0; i < kept; i++) this.#waiting.push(messages[taken + i] as T);
    const discarded = messages.length - taken - kept;
    if (discarded === 0) return;
    this.#discarded += discarded;
    this.#onDiscard(discarded);
  };

  readonly #onError = (error: Error): void => {
    this.#end(error);
  };

  readonly #onClose = (): void => {
    this.#end();
  };

  readonly #onAbort = (): void => {
    this.#drop();
    this.#end(abortError(this.#signal as AbortSignal, {}));
  };

  #drop(): void {
    this.#waiting = [];
    this.#first = 0;
  }

  #end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#source.off(this.#event, this.#onMessages);
    this.#source.off('error', this.#onError);
    this.#source.off('close', this.#onClose);
    this.#unwatch?.();
    const [first, ...rest] = this.#waiters;
    this.#waiters = [];
    if (error === undefined) first?.resolve({ done: true, value: undefined });
    else if (first === undefined) this.#error = error;
    else first.reject(error);
    for (const { resolve } of rest) resolve({ done: true, value: undefined });
  }
}
