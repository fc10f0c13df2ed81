import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import * as koffi from 'koffi';
import { descriptor } from './arguments';

/** A descriptor that the event loop watches. */
export interface ReadableWatch {
  /** Whether it keeps the event loop alive; it does at first. */
  setReferenced(referenced: boolean): void;
  /** Watches on: after a pending error, and after {@link pause}, nothing is told until then. */
  resume(): void;
  pause(): void;
  /** Nothing is told any more. To be called before the descriptor is closed. */
  close(): void;
}

/** What koffi's own handle has; what its declarations say of the callback is not what it is called with. */
interface Handle {
  start(options: object, callback: (status: number) => void): void;
  stop(): void;
  close(): void;
  ref(): void;
  unref(): void;
}

type Poll = (fd: number, options: object, callback: (status: number) => void) => Handle;

const READABLE = { readable: true };

function poller(): unknown {
  return (koffi as { readonly node?: { readonly poll?: unknown } }).node?.poll;
}

/** dlopen(3): resolve symbols when they are used. The same number on all machines. */
const RTLD_LAZY = 1;

let kept = isMainThread;

/**
 * Keeps koffi's library loaded for good. A worker thread that ends, terminate() included, unloads it where
 * the main thread has not loaded it, too; but the event loop calls back into it after that, for each handle
 * that was open, and the process ends by SIGSEGV (measured with koffi 3.3.4 on Node 20).
 */
function keepLoaded(): void {
  if (kept) return;
  try {
    // Wherever a package manager or a bundler has put it: it is loaded, and so it is here.
    const paths = readFileSync('/proc/self/maps', 'utf8').match(/\/.*koffi[^/\n]*\.node$/gm);
    const dlopen = koffi.load(null).func('void *dlopen(const char *, int)') as (path: string, flags: number) => unknown;
    // Opened once more than it is ever closed.
    for (const path of new Set(paths)) dlopen(path, RTLD_LAZY);
    kept = true;
  } catch {
    // No /proc, or a program that loads nothing: what has been closed in time ends well all the same.
  }
}

/** Each ends the watch of a handle that is open. */
const open = new Set<() => void>();

/**
 * While Node tears itself down its event loop runs once more, and koffi calls back into JavaScript that must not
 * run any more: "FATAL ERROR: Error::ThrowAsJavaScriptException napi_throw". No callback comes of a stopped handle.
 */
function endAll(): void {
  for (const end of open) end();
}

/** Whether this koffi has what {@link watchReadable} is made of. */
export function canWatch(): boolean {
  return typeof poller() === 'function';
}

/**
 * Watches a descriptor by the event loop itself (uv_poll_t, through koffi.node.poll, which koffi's changelog
 * calls not yet documented and liable to change; see {@link canWatch}).
 *
 * The callback runs outside of Node's own callbacks: no microtask runs after it, and what it throws is
 * nobody's. It must do no more than schedule something.
 *
 * @param onReadable is called once in a turn of the loop as long as there is something to read, and after an error
 */
export function watchReadable(fd: number, onReadable: () => void): ReadableWatch {
  descriptor(fd);
  keepLoaded();
  let active = true;
  let ended = false;
  const callback = (status: number): void => {
    // libuv has ended the watch: so it does where a descriptor has an error to tell (EPOLLERR).
    if (status < 0) active = false;
    onReadable();
  };
  // Kept for as long as it is open: collected, it would be closed.
  let handle: Handle | null = (poller() as Poll)(fd, READABLE, callback);
  const end = (): void => {
    ended = true;
    handle?.stop();
  };
  if (open.size === 0) process.on('exit', endAll);
  open.add(end);
  return {
    setReferenced: (referenced) => {
      if (referenced) handle?.ref();
      else handle?.unref();
    },
    resume: () => {
      if (active || ended) return;
      active = true;
      handle?.start(READABLE, callback);
    },
    pause: () => {
      if (!active) return;
      active = false;
      handle?.stop();
    },
    close: () => {
      // Once only: any other call on a closed handle ends the process.
      handle?.close();
      handle = null;
      open.delete(end);
      if (open.size === 0) process.off('exit', endAll);
    },
  };
}
