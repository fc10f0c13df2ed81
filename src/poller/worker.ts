import { extname, join } from 'node:path';
import { debuglog } from 'node:util';
import { isMainThread, Worker } from 'node:worker_threads';
import { EFD_CLOEXEC, EFD_NONBLOCK } from '../libc/constants';
import { check } from '../libc/errors';
import { eventfd, post } from '../libc/eventfd';
import { close } from '../libc/file';
import { canWatch } from '../libc/readable';
import { Shared, type Command, type Report, type SocketReport, type ThreadData } from './messages';
import { WakeUpFd } from './wake-up-fd';

const debug = debuglog('socketcan:poller');

/**
 * The longest that the exit hook waits for a thread that is still starting, in ms. Starting takes 60, in a slow guest
 * 600, and next to busy processes more than 5000 (measured). Ending the thread before that aborts the process. Only a
 * thread that cannot start at all takes this long.
 */
const EXIT_TIMEOUT_MS = 30_000;

/** @throws {Error} if Node.js cannot create a thread */
function startThread(workerData: ThreadData): Worker {
  const extension = extname(__filename);
  return new Worker(join(__dirname, `thread${extension}`), {
    name: 'socketcan',
    workerData,
    trackUnmanagedFds: false,
    // The thread does not need the loaders and hooks of the command line, unless it runs from source.
    execArgv: extension === '.js' ? [] : process.execArgv,
  });
}

/** Counts of a thread since it started, modulo 2**32. */
export interface ThreadCounters {
  /** Calls of poll(2). */
  readonly polls: number;
  /** Calls of recvmmsg(2). */
  readonly reads: number;
  /** Wake-ups of the main thread. */
  readonly wakes: number;
}

export interface PollerWorkerListener {
  /** A ring has records. Can be called outside of Node's own callbacks: it must only schedule something. */
  onWake(): void;
  onReport(report: SocketReport): void;
  /** The thread has ended, by an error if one is given. Its descriptors are closed after this call. */
  onExit(failure: Error | undefined): void;
}

const running = new Set<PollerWorker>();

/**
 * Stops every thread when the process exits. process.exit() joins a thread, which would stay in poll(2). Joining a
 * thread while it loads koffi aborts the process, so this waits until each has started.
 */
function stopAll(): void {
  for (const worker of running) worker.requestStop();
  for (const worker of running) worker.awaitStart(EXIT_TIMEOUT_MS);
}

/**
 * The poller thread, from the side of the main thread. The thread ends only by a stop command or by the exit hook,
 * never by Worker.terminate(), which can interrupt a foreign function call at any instruction.
 */
export class PollerWorker {
  /** Resolves when the thread has ended and its descriptors are closed. */
  readonly exited: Promise<void>;
  readonly #controlFd: number;
  /**
   * Undefined where the event loop cannot watch a descriptor, and in worker threads: terminate() on a thread whose
   * event loop watches a descriptor aborts the process. There, the poller thread sends a message.
   */
  readonly #wakeUpFd: WakeUpFd | undefined;
  readonly #flags: Int32Array;
  readonly #worker: Worker;

  /** @throws {Error} if Node.js cannot create a thread, or a {@link SystemError} if no descriptor is left */
  constructor(listener: PollerWorkerListener) {
    this.#controlFd = check(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), 'eventfd');
    const shared = new SharedArrayBuffer(Shared.length * Int32Array.BYTES_PER_ELEMENT);
    this.#flags = new Int32Array(shared);
    try {
      const onWake = (): void => {
        listener.onWake();
      };
      this.#wakeUpFd = isMainThread && canWatch() ? new WakeUpFd(onWake) : undefined;
      this.#worker = startThread({ controlFd: this.#controlFd, wakeUpFd: this.#wakeUpFd?.fd, shared });
    } catch (error) {
      this.#closeDescriptors();
      throw error;
    }
    this.#worker.on('message', (report: Report) => {
      if (report.kind === 'wake') listener.onWake();
      else listener.onReport(report);
    });
    let failure: Error | undefined;
    this.#worker.on('error', (error) => {
      failure = error;
    });
    this.exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#forget();
        listener.onExit(failure);
        this.#closeDescriptors();
        debug('thread ended');
        resolve();
      });
    });
    if (running.size === 0) process.on('exit', stopAll);
    running.add(this);
    debug('thread %d started', this.#worker.threadId);
  }

  get counters(): ThreadCounters {
    const count = (index: number): number => Atomics.load(this.#flags, index) >>> 0;
    return { polls: count(Shared.polls), reads: count(Shared.reads), wakes: count(Shared.wakes) };
  }

  send(command: Command): void {
    this.#worker.postMessage(command);
    this.wake();
  }

  /** Makes the thread look at its sockets and commands again. */
  wake(): void {
    post(this.#controlFd);
  }

  /** Lets the thread wake the main thread again. Until then it skips the wake-ups. */
  allowWake(): void {
    Atomics.store(this.#flags, Shared.wake, 0);
  }

  /** Sets whether the thread keeps the process alive. */
  setReferenced(referenced: boolean): void {
    if (referenced) this.#worker.ref();
    else this.#worker.unref();
  }

  /** Makes the thread end without a message: while the process exits, Node.js delivers none. */
  requestStop(): void {
    Atomics.store(this.#flags, Shared.stop, 1);
    this.wake();
  }

  /** Blocks until the thread has started, or this time has passed, in ms. */
  awaitStart(timeoutMs: number): void {
    Atomics.wait(this.#flags, Shared.ready, 0, timeoutMs);
  }

  #forget(): void {
    running.delete(this);
    if (running.size === 0) process.off('exit', stopAll);
  }

  #closeDescriptors(): void {
    close(this.#controlFd);
    this.#wakeUpFd?.close();
  }
}
