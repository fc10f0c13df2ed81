import { once } from 'node:events';
import { LONGEST_TIMER_MS, systemClock, type ClockTimer } from '../../clock';
import { listInterfaces, type CANSocket, type ReceivedFrame } from '../../index';
import { Interrupted } from '../main/failures';
import type { Terminal } from '../main/terminal';
import { reportLink } from './link-report';
import { LossReport } from './loss-report';
import { Merge, type FrameOrigin } from './merge';
import type { ReceiveSummary } from './receive-summary';

export interface ReceiveSessionOptions {
  /** Ends after exactly this many frames. */
  readonly count?: number | undefined;
  /** Ends when no frame arrives for this time, in ms. */
  readonly idleMs?: number | undefined;
  /** The beginning of messages: `socketcan dump`. */
  readonly name: string;
  /** Takes frames that arrived together, oldest first. An exception ends the session, which rejects with it. */
  onFrames(origin: FrameOrigin, frames: readonly ReceivedFrame[]): void;
  /** Called as soon as a loss of frames is detected. */
  onLost?(origin: FrameOrigin, lost: number): void;
}

/** The reason of an end that is not a failure. */
const NORMAL_END = Symbol('normal end');

/** Delivers the frames of some sockets until something ends it, and then closes the sockets. */
export class ReceiveSession {
  readonly done: Promise<ReceiveSummary[]>;
  readonly #sockets: readonly CANSocket[];
  readonly #io: Terminal;
  readonly #options: ReceiveSessionOptions;
  /** Frames delivered to the command, by socket. */
  readonly #delivered: number[];
  /** Frames received from the sockets. The merge may still hold some of them. */
  #received = 0;
  readonly #droppedBefore = interfaceDrops();
  /** Frames until the count is reached. */
  #remaining: number;
  #timer: ClockTimer | undefined;
  /** Undefined for one socket, whose frames are already in order. */
  readonly #merge: Merge | undefined;
  #ended = false;
  /** The first exception of onFrames. */
  #failure: unknown;
  readonly #ending = new AbortController();

  constructor(sockets: readonly CANSocket[], io: Terminal, options: ReceiveSessionOptions) {
    this.#sockets = sockets;
    this.#io = io;
    this.#options = options;
    this.#delivered = sockets.map(() => 0);
    this.#remaining = options.count ?? Infinity;
    if (sockets.length > 1) this.#merge = this.#createMerge();
    this.done = this.#finish();
    for (const [index, socket] of sockets.entries()) this.#attach(socket, index);
    this.#restartTimer();
    if (io.signal.aborted) this.#interrupt();
    else io.signal.addEventListener('abort', this.#interrupt);
  }

  readonly #interrupt = (): void => {
    const reason: unknown = this.#io.signal.reason;
    if (!(reason instanceof Interrupted)) this.#end(reason);
    else if (reason.by === 'EPIPE') this.#end(NORMAL_END);
    else {
      void this.#drain().then(() => {
        this.#end(NORMAL_END);
      });
    }
  };

  #createMerge(): Merge {
    const sources = {
      count: this.#sockets.length,
      drain: async (index: number) => this.#sockets[index]?.drain(),
      // The timestamps of frames are on this clock, even if the command has another one.
      clock: systemClock,
    };
    return new Merge(sources, {
      onFrames: (origin, frames) => {
        this.#deliver(origin, frames);
      },
      onLost: (origin, count) => this.#options.onLost?.(origin, count),
    });
  }

  async #finish(): Promise<ReceiveSummary[]> {
    const { signal } = this.#ending;
    try {
      await once(signal, 'abort');
      if (signal.reason !== NORMAL_END) throw signal.reason;
    } finally {
      this.#io.clock.clearTimeout(this.#timer);
      this.#io.signal.removeEventListener('abort', this.#interrupt);
      await Promise.all(this.#sockets.map((socket) => socket.close()));
    }
    const drops = interfaceDrops();
    return this.#sockets.map(({ interfaceName, statistics }, index) => ({
      interfaceName,
      // The counter of an interface that was removed and created again starts at 0.
      droppedBefore: Math.max(0, (drops.get(interfaceName) ?? 0) - (this.#droppedBefore.get(interfaceName) ?? 0)),
      index,
      frames: this.#delivered[index] ?? 0,
      statistics,
    }));
  }

  #attach(socket: CANSocket, index: number): void {
    const { interfaceName } = socket;
    const origin = { interfaceName, index };
    const report = (text: string): void => {
      this.#io.report(`${this.#options.name}: ${text}`);
    };
    const losses = new LossReport(this.#io.clock, (text) => {
      report(`${interfaceName} ${text}`);
    });
    socket.on('frames', (frames) => {
      this.#receive(origin, frames);
    });
    socket.on('overflow', (count) => {
      if (this.#merge === undefined) this.#options.onLost?.(origin, count);
      else this.#merge.addLost(origin, count);
      losses.add(count);
    });
    reportLink(socket, {
      report,
      whileDown: 'waiting for it to come up',
      onFailure: (error) => {
        this.#end(error);
      },
    });
  }

  #receive(origin: FrameOrigin, frames: readonly ReceivedFrame[]): void {
    if (this.#ended) return;
    this.#restartTimer();
    this.#received += frames.length;
    if (this.#merge === undefined) this.#deliver(origin, frames);
    else this.#merge.add(origin, frames);
  }

  #deliver(origin: FrameOrigin, frames: readonly ReceivedFrame[]): void {
    if (this.#failure !== undefined || this.#remaining === 0) return;
    const wanted = frames.length > this.#remaining ? frames.slice(0, this.#remaining) : frames;
    this.#remaining -= wanted.length;
    this.#delivered[origin.index] = (this.#delivered[origin.index] ?? 0) + wanted.length;
    try {
      this.#options.onFrames(origin, wanted);
      if (this.#remaining === 0) this.#end(NORMAL_END);
    } catch (error) {
      // #end() may be running already: it delivers the last frames of the merge.
      this.#failure ??= error;
      this.#end(error);
    }
  }

  #restartTimer(): void {
    const { idleMs } = this.#options;
    if (idleMs === undefined) return;
    const { clock } = this.#io;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(
      () => {
        this.#endIfIdle();
      },
      Math.min(idleMs, LONGEST_TIMER_MS),
    );
  }

  /** Ends unless a frame arrives while the sockets are drained. */
  #endIfIdle(): void {
    const before = this.#received;
    void this.#drain().then(() => {
      if (this.#received === before) this.#end(NORMAL_END);
    });
  }

  /** Resolves when the sockets have delivered everything that the kernel had received before this call. */
  async #drain(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.drain()));
  }

  #end(reason: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#merge?.flush();
    this.#ending.abort(this.#failure ?? reason);
  }
}

/** Frames that each interface has dropped before they reached a socket, since it was created. */
function interfaceDrops(): ReadonlyMap<string, number> {
  return new Map(listInterfaces().map(({ name, traffic }) => [name, traffic?.rxDropped ?? 0]));
}
