import { once } from 'node:events';
import { LONGEST_TIMER_MS, systemClock, type Clock, type ClockTimer } from '../../clock';
import {
  CANSocket,
  listInterfaces,
  type CANSocketOptions,
  type ReceivedFrame,
  type SocketStatistics,
} from '../../index';
import { Failure, Interrupted, type Terminal } from '../main/command';
import type { Selection } from '../text/filter-text';
import { follow } from './follow';
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
  /** Frames that were dropped before they came to any socket: by the driver, or by netdev_max_backlog. */
  readonly droppedBefore: number;
  /** Frames that were handed over. */
  readonly frames: number;
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
export async function listen(selections: readonly Selection[], io: Terminal, options: ListenOptions): Promise<Heard[]> {
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

/** What is asked of the kernel, in bytes: room for 20,000 frames. It grants net.core.rmem_max, or all to root. */
const RECEIVE_BUFFER_SIZE = 16 * 2 ** 20;

function socketOptions(
  use: Omit<Selection, 'interfaceName'>,
  { receiveBufferSize = RECEIVE_BUFFER_SIZE }: ListenOptions,
): CANSocketOptions {
  return { ...use, receiveBufferSize };
}

/** At most one message about lost frames an interface in this time, in ms. */
const LOST_EVERY_MS = 1000;

class Listening {
  readonly done: Promise<Heard[]>;
  readonly #sockets: readonly CANSocket[];
  readonly #io: Terminal;
  readonly #options: ListenOptions;
  /** Frames handed over, by socket. */
  readonly #heard: number[];
  /** Frames that sockets have delivered, some of which may still be held by the merge. */
  #delivered = 0;
  readonly #droppedBefore = interfaceDrops();
  #remaining: number;
  #timer: ClockTimer | undefined;
  /** Of one socket the frames are in order. */
  readonly #merge: Merge | undefined;
  #ended = false;
  /** What handing over has thrown. */
  #failure: unknown;
  readonly #ending = new AbortController();

  constructor(sockets: readonly CANSocket[], io: Terminal, options: ListenOptions) {
    this.#sockets = sockets;
    this.#io = io;
    this.#options = options;
    this.#heard = sockets.map(() => 0);
    this.#remaining = options.count ?? Infinity;
    if (sockets.length > 1) {
      const given = {
        count: sockets.length,
        drain: async (index: number) => sockets[index]?.drain(),
        // The clock of the frames, whatever the command's is.
        clock: systemClock,
      };
      this.#merge = new Merge(given, {
        onFrames: (source, frames) => {
          this.#give(source, frames);
        },
        onLost: (source, count) => options.onLost?.(source, count),
      });
    }
    this.done = this.#finish();
    for (const [index, socket] of sockets.entries()) this.#follow(socket, index);
    this.#restartTimer();
    if (io.signal.aborted) this.#interrupt();
    else io.signal.addEventListener('abort', this.#interrupt);
  }

  async #finish(): Promise<Heard[]> {
    const { signal } = this.#ending;
    try {
      await once(signal, 'abort');
      if (signal.reason !== FINE) throw signal.reason;
    } finally {
      this.#io.clock.clearTimeout(this.#timer);
      this.#io.signal.removeEventListener('abort', this.#interrupt);
      await Promise.all(this.#sockets.map((socket) => socket.close()));
    }
    const drops = interfaceDrops();
    return this.#sockets.map(({ interfaceName, statistics }, index) => ({
      interfaceName,
      // An interface that was made anew has counted anew.
      droppedBefore: Math.max(0, (drops.get(interfaceName) ?? 0) - (this.#droppedBefore.get(interfaceName) ?? 0)),
      index,
      frames: this.#heard[index] ?? 0,
      statistics,
    }));
  }

  #follow(socket: CANSocket, index: number): void {
    const { interfaceName } = socket;
    const source = { interfaceName, index };
    const tell = (text: string): void => {
      this.#io.tell(`${this.#options.name}: ${text}`);
    };
    const lost = new LostFrames(this.#io.clock, (text) => {
      tell(`${interfaceName} ${text}`);
    });
    socket.on('frames', (frames) => {
      this.#take(source, frames);
    });
    socket.on('overflow', (count) => {
      if (this.#merge === undefined) this.#options.onLost?.(source, count);
      else this.#merge.addLost(source, count);
      lost.add(count);
    });
    follow(socket, {
      tell,
      whileDown: 'frames come when it is up',
      onFailure: (error) => {
        this.#end(error);
      },
    });
  }

  #take(source: Source, frames: readonly ReceivedFrame[]): void {
    if (this.#ended) return;
    this.#restartTimer();
    this.#delivered += frames.length;
    if (this.#merge === undefined) this.#give(source, frames);
    else this.#merge.add(source, frames);
  }

  #give(source: Source, frames: readonly ReceivedFrame[]): void {
    if (this.#failure !== undefined || this.#remaining === 0) return;
    const wanted = frames.length > this.#remaining ? frames.slice(0, this.#remaining) : frames;
    this.#remaining -= wanted.length;
    this.#heard[source.index] = (this.#heard[source.index] ?? 0) + wanted.length;
    try {
      this.#options.onFrames(source, wanted);
      if (this.#remaining === 0) this.#end(FINE);
    } catch (error) {
      // At the end, too, when the last frames are handed over.
      this.#failure ??= error;
      this.#end(error);
    }
  }

  readonly #interrupt = (): void => {
    const reason: unknown = this.#io.signal.reason;
    if (!(reason instanceof Interrupted)) this.#end(reason);
    else if (reason.by === 'EPIPE') this.#end(FINE);
    else {
      void this.#drain().then(() => {
        this.#end(FINE);
      });
    }
  };

  #restartTimer(): void {
    const { idleMs } = this.#options;
    if (idleMs === undefined) return;
    const { clock } = this.#io;
    clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(
      () => {
        this.#idle();
      },
      Math.min(idleMs, LONGEST_TIMER_MS),
    );
  }

  /** Nothing has been handed over for long: the end, unless something is on its way. */
  #idle(): void {
    const before = this.#delivered;
    void this.#drain().then(() => {
      if (this.#delivered === before) this.#end(FINE);
    });
  }

  /** Resolves when all that the kernel has received by now was handed over. */
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

/** What the kernel's interfaces have dropped on their way to the sockets, since they were made. */
function interfaceDrops(): ReadonlyMap<string, number> {
  return new Map(listInterfaces().map(({ name, traffic }) => [name, traffic?.rxDropped ?? 0]));
}

/** The reason of an end that is no failure. */
const FINE = Symbol('fine');

/** Tells of lost frames, together those of a second. */
class LostFrames {
  readonly #clock: Clock;
  readonly #tell: (text: string) => void;
  #untold = 0;
  #timer: ClockTimer | undefined;

  constructor(clock: Clock, tell: (text: string) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  add(count: number): void {
    this.#untold += count;
    if (this.#timer === undefined) this.#flush();
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#untold === 0) return;
    this.#tell(`lost ${this.#untold} frames: the receive buffer was full`);
    this.#untold = 0;
    this.#timer = this.#clock.setTimeout(() => {
      this.#flush();
    }, LOST_EVERY_MS);
    this.#timer.unref();
  }
}
