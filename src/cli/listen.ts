import {
  CANSocket,
  listInterfaces,
  type CANSocketOptions,
  type ReceivedFrame,
  type SocketStatistics,
} from '../index';
import { Failure, Interrupted, type Terminal } from './command';
import type { Selection } from './filter-text';
import { Merge } from './merge';

/** An interface that is listened on. */
export interface Source {
  readonly interfaceName: string;
  /** Its place on the command line, from 0. */
  readonly index: number;
}

export interface ListenOptions {
  readonly receiveBufferSize?: number | undefined;
  /** Ends after so many frames, to the frame. */
  readonly count?: number | undefined;
  /** Ends when nothing has come for so long, in ms. */
  readonly idleMs?: number | undefined;
  /** For messages: `socketcan dump`. */
  readonly name: string;
  /** Frames that came together, oldest first; what it throws ends the listening with that error. */
  onFrames(source: Source, frames: readonly ReceivedFrame[]): void;
  /** Frames the kernel has lost, as soon as that is known. */
  onLost?(source: Source, lost: number): void;
}

/** What came of an interface. */
export interface Heard extends Source {
  readonly statistics: SocketStatistics;
}

/** Replaces the interface `any` by all CAN interfaces there are. @throws {Failure} if there are none */
export function expandAny(selections: readonly Selection[]): Selection[] {
  return selections.flatMap((selection) => {
    if (selection.interfaceName !== 'any') return [selection];
    const names = listInterfaces().map(({ name }) => name);
    if (names.length === 0) {
      throw new Failure('there are no CAN interfaces here: "socketcan doctor" tells why');
    }
    return names.map((interfaceName) => ({ ...selection, interfaceName }));
  });
}

/**
 * Listens until the terminal's signal, the count or the time ends it. After SIGINT all that had been
 * received by then is still handed over. Interfaces that go down, or away, are waited for.
 */
export async function listen(
  selections: readonly Selection[],
  io: Terminal,
  options: ListenOptions,
): Promise<Heard[]> {
  const sockets: CANSocket[] = [];
  try {
    for (const { interfaceName, ...use } of selections) {
      sockets.push(new CANSocket(interfaceName, socketOptions(use, options)));
    }
  } catch (error) {
    for (const socket of sockets) void socket.close();
    throw error;
  }
  return await new Listening(sockets, io, options).done;
}

function socketOptions(
  use: Omit<Selection, 'interfaceName'>,
  { receiveBufferSize }: ListenOptions,
): CANSocketOptions {
  return receiveBufferSize === undefined ? use : { ...use, receiveBufferSize };
}

/** Silence after which nothing can be on its way any more from the kernel to us, in ms. */
const SILENCE_MS = 100;
/** At most one message about lost frames an interface in this time, in ms. */
const LOST_EVERY_MS = 1000;

class Listening {
  readonly done: Promise<Heard[]>;
  readonly #sockets: readonly CANSocket[];
  readonly #io: Terminal;
  readonly #options: ListenOptions;
  #remaining: number;
  #timer: NodeJS.Timeout | undefined;
  /** Since the signal: frames of later on are not wanted, and these sources may have older ones. */
  #endNs: bigint | undefined;
  readonly #late = new Set<CANSocket>();
  /** Of one socket the frames are in order. */
  readonly #merge: Merge | undefined;
  #ended = false;
  #resolve: () => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(sockets: readonly CANSocket[], io: Terminal, options: ListenOptions) {
    this.#sockets = sockets;
    this.#io = io;
    this.#options = options;
    this.#remaining = options.count ?? Infinity;
    if (sockets.length > 1) {
      this.#merge = new Merge((source, frames) => {
        this.#give(source, frames);
      });
    }
    const ending = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.done = this.#finish(ending);
    for (const [index, socket] of sockets.entries()) this.#follow(socket, index);
    this.#restartTimer();
    if (io.signal.aborted) this.#interrupt();
    else io.signal.addEventListener('abort', this.#interrupt);
  }

  async #finish(ending: Promise<void>): Promise<Heard[]> {
    try {
      await ending;
    } finally {
      this.#merge?.flush();
      this.#ended = true;
      clearTimeout(this.#timer);
      this.#io.signal.removeEventListener('abort', this.#interrupt);
      await Promise.all(this.#sockets.map((socket) => socket.close()));
    }
    return this.#sockets.map(({ interfaceName, statistics }, index) => ({
      interfaceName,
      index,
      statistics,
    }));
  }

  #follow(socket: CANSocket, index: number): void {
    const { interfaceName } = socket;
    const source = { interfaceName, index };
    const tell = (text: string): void => {
      this.#io.tell(`${this.#options.name}: ${interfaceName} ${text}`);
    };
    let untold = 0;
    let lostTimer: NodeJS.Timeout | undefined;
    const tellLost = (): void => {
      lostTimer = undefined;
      if (untold === 0 || this.#ended) return;
      tell(`lost ${untold} frames: the receive buffer was full`);
      untold = 0;
      lostTimer = setTimeout(tellLost, LOST_EVERY_MS).unref();
    };
    socket.on('frames', (frames) => {
      this.#take(socket, source, frames);
    });
    socket.on('overflow', (lost) => {
      this.#options.onLost?.(source, lost);
      untold += lost;
      if (lostTimer === undefined) tellLost();
    });
    socket.on('down', () => {
      tell('is down; its frames come again when it is up');
    });
    socket.on('up', () => {
      tell('is up');
    });
    socket.on('gone', () => {
      tell('is gone; it is opened again when it is back');
    });
    socket.on('back', () => {
      tell('is back');
    });
    socket.on('error', this.#reject);
    if (socket.state === 'down') tell('is down; frames come when it is up');
  }

  #take(socket: CANSocket, source: Source, frames: readonly ReceivedFrame[]): void {
    if (this.#ended) return;
    this.#restartTimer();
    const wanted = this.#cut(socket, frames);
    if (wanted.length > 0) {
      if (this.#merge === undefined) this.#give(source, wanted);
      else this.#merge.add(source, wanted);
    }
    if (this.#remaining === 0 || (this.#endNs !== undefined && this.#late.size === 0)) {
      this.#end(this.#resolve, undefined);
    }
  }

  #give(source: Source, frames: readonly ReceivedFrame[]): void {
    try {
      this.#options.onFrames(source, frames);
    } catch (error) {
      this.#end(this.#reject, error);
    }
  }

  /** Those that are not above the count, and not later than the end. */
  #cut(socket: CANSocket, frames: readonly ReceivedFrame[]): readonly ReceivedFrame[] {
    let wanted = frames.length > this.#remaining ? frames.slice(0, this.#remaining) : frames;
    const endNs = this.#endNs;
    if (endNs !== undefined) {
      if (!this.#late.has(socket)) return [];
      const count = wanted.findIndex(({ timestamp }) => timestamp.monotonicNs > endNs);
      if (count >= 0) {
        wanted = wanted.slice(0, count);
        this.#late.delete(socket);
      }
    }
    this.#remaining -= wanted.length;
    return wanted;
  }

  readonly #interrupt = (): void => {
    const reason: unknown = this.#io.signal.reason;
    if (!(reason instanceof Interrupted)) this.#end(this.#reject, reason);
    else if (reason.by === 'EPIPE') this.#end(this.#resolve, undefined);
    else {
      this.#endNs = process.hrtime.bigint();
      for (const socket of this.#sockets) this.#late.add(socket);
      this.#restartTimer();
    }
  };

  #restartTimer(): void {
    const ms = this.#endNs === undefined ? this.#options.idleMs : SILENCE_MS;
    clearTimeout(this.#timer);
    if (ms === undefined) return;
    this.#timer = setTimeout(() => {
      this.#end(this.#resolve, undefined);
    }, ms);
  }

  #end(settle: (value: unknown) => void, value: unknown): void {
    this.#ended = true;
    settle(value);
  }
}
