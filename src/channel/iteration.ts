import { abortError, onAbort } from '../abort';
import { integerOption, signalOption } from '../raw/options';
import type { ReceivedFrame } from '../raw/receive/reception';

/** Options of {@link CANSocket.frames}. */
export interface IterationOptions {
  /** Frames kept for the loop at most, 1 to 2**24; default 16384. More are discarded, and counted. */
  readonly limit?: number;
  /** Ends the loop by an AbortError. */
  readonly signal?: AbortSignal;
}

/** 4 s at 4000 frames/s. */
const LIMIT = 16_384;

/** What an iteration needs of its socket. */
export interface FrameSource {
  on(event: 'frames', listener: (frames: readonly ReceivedFrame[]) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
}

interface Waiting {
  readonly resolve: (result: IteratorResult<ReceivedFrame, undefined>) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Frames one by one, for `for await`. They are kept from the moment this is made; when more wait than
 * the limit, the newest are discarded, as the kernel does it with its buffer. The loop ends when the
 * socket is closed, and throws what the socket fails of, both after the frames that came before.
 */
export class FrameIteration implements AsyncIterableIterator<ReceivedFrame, undefined> {
  readonly #source: FrameSource;
  readonly #limit: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onDiscard: (count: number) => void;
  #frames: ReceivedFrame[] = [];
  #first = 0;
  #waiting: Waiting[] = [];
  #unwatch: () => void = () => undefined;
  #ended = false;
  #error: Error | undefined;
  #discarded = 0;

  constructor(source: FrameSource, options: IterationOptions, onDiscard: (count: number) => void = () => undefined) {
    this.#source = source;
    this.#limit = integerOption('limit', options.limit ?? LIMIT, 1, 2 ** 24);
    this.#signal = signalOption(options.signal);
    this.#onDiscard = onDiscard;
    if (this.#signal?.aborted === true) {
      this.#onAbort();
      return;
    }
    source.on('frames', this.#onFrames);
    source.on('error', this.#onError);
    source.on('close', this.#onClose);
    this.#unwatch = onAbort(this.#signal, this.#onAbort);
  }

  /** Frames that came while as many as the limit were waiting. */
  get discarded(): number {
    return this.#discarded;
  }

  /** The next frame, as soon as there is one; done when the socket is closed. */
  next(): Promise<IteratorResult<ReceivedFrame, undefined>> {
    const frame = this.#frames[this.#first];
    if (frame !== undefined) {
      this.#first++;
      // The array is emptied in one go, and cut when it is long: shift() of a long one copies it all.
      const { length } = this.#frames;
      if (this.#first === length || (this.#first >= 1024 && 2 * this.#first >= length)) {
        this.#frames = this.#frames.slice(this.#first);
        this.#first = 0;
      }
      return Promise.resolve({ done: false, value: frame });
    }
    if (this.#error !== undefined) {
      const error = this.#error;
      this.#error = undefined; // As of a generator: thrown once, then it is done.
      return Promise.reject(error);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  /** Ends it: `break` does. What is waiting is let go, a failure too. */
  return(): Promise<IteratorResult<ReceivedFrame, undefined>> {
    this.#end();
    this.#error = undefined;
    this.#frames = [];
    this.#first = 0;
    return Promise.resolve({ done: true, value: undefined });
  }

  /** The iteration itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #onFrames = (frames: readonly ReceivedFrame[]): void => {
    let taken = 0;
    for (; taken < frames.length && this.#waiting.length > 0; taken++) {
      this.#waiting.shift()?.resolve({ done: false, value: frames[taken] as ReceivedFrame });
    }
    const room = this.#limit - (this.#frames.length - this.#first);
    const kept = Math.min(room, frames.length - taken);
    for (let i = 0; i < kept; i++) this.#frames.push(frames[taken + i] as ReceivedFrame);
    const lost = frames.length - taken - kept;
    if (lost === 0) return;
    this.#discarded += lost;
    this.#onDiscard(lost);
  };

  readonly #onError = (error: Error): void => {
    this.#end(error);
  };

  readonly #onClose = (): void => {
    this.#end();
  };

  readonly #onAbort = (): void => {
    this.#frames = [];
    this.#first = 0;
    this.#end(abortError(this.#signal as AbortSignal, {}));
  };

  #end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#source.off('frames', this.#onFrames);
    this.#source.off('error', this.#onError);
    this.#source.off('close', this.#onClose);
    this.#unwatch();
    const waiting = this.#waiting;
    this.#waiting = [];
    const [first, ...rest] = waiting;
    if (error === undefined) first?.resolve({ done: true, value: undefined });
    else if (first === undefined) this.#error = error;
    else first.reject(error);
    for (const { resolve } of rest) resolve({ done: true, value: undefined });
  }
}
