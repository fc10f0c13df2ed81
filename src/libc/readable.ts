import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import * as koffi from 'koffi';
import { checkDescriptor } from './arguments';

/** A descriptor that the event loop watches. */
export interface ReadableWatch {
  /** Sets whether the watch keeps the event loop alive. Initially it does. */
  setReferenced(referenced: boolean): void;
  /** Continues after {@link pause}, and after a pending error, which also stops the callbacks. */
  resume(): void;
  /** Stops the callbacks until {@link resume}. */
  pause(): void;
  /** Ends the callbacks for good. Call it before closing the descriptor. */
  close(): void;
}

/** The handle of koffi. koffi's own declarations give another signature for the callback than it really has. */
interface Handle {
  start(options: object, callback: (status: number) => void): void;
  stop(): void;
  close(): void;
  ref(): void;
  unref(): void;
}

type Poll = (fd: number, options: object, callback: (status: number) => void) => Handle;

const READABLE = { readable: true };

/** Returns koffi.node.poll, which some versions of koffi lack. */
function koffiPoll(): unknown {
  return (koffi as { readonly node?: { readonly poll?: unknown } }).node?.poll;
}

/** dlfcn.h: dlopen(3) resolves symbols when they are used. The same value on all machines. */
const RTLD_LAZY = 1;

let loadedForGood = isMainThread;

/**
 * Keeps the shared library of koffi loaded for good. If only a worker thread has loaded it, the end of the thread
 * unloads it. The event loop then still calls into it for each open handle, and the process dies of SIGSEGV (seen with
 * koffi 3.3.4 on Node 20, also after terminate()).
 */
function keepLoaded(): void {
  if (loadedForGood) return;
  try {
    // The memory map shows where a package manager or a bundler has put the library.
    const paths = readFileSync('/proc/self/maps', 'utf8').match(/\/.*koffi[^/\n]*\.node$/gm);
    const dlopen = koffi.load(null).func('void *dlopen(const char *, int)') as (path: string, flags: number) => unknown;
    // Each extra dlopen() without a dlclose() keeps it loaded.
    for (const path of new Set(paths)) dlopen(path, RTLD_LAZY);
    loadedForGood = true;
  } catch {
    // No /proc, or no permission to load libraries. A thread that closes its handles before it ends is still safe.
  }
}

/** For each open handle, a function that stops it. */
const openHandles = new Set<() => void>();

/**
 * Stops all handles when Node exits. The event loop runs once more during teardown, and koffi would call JavaScript
 * that can no longer run: "FATAL ERROR: Error::ThrowAsJavaScriptException napi_throw".
 */
function stopAll(): void {
  for (const stop of openHandles) stop();
}

/** Returns whether this version of koffi supports {@link watchReadable}. */
export function canWatch(): boolean {
  return typeof koffiPoll() === 'function';
}

/**
 * Watches a descriptor on the event loop itself (uv_poll_t). It uses koffi.node.poll, which is undocumented and may
 * change, according to koffi's changelog; check {@link canWatch} first.
 *
 * The callback must only schedule work. It runs outside of Node's own callbacks: no microtask runs after it, and
 * nothing catches its exceptions.
 *
 * @param onReadable called once per turn of the event loop while there is something to read, and after an error
 */
export function watchReadable(fd: number, onReadable: () => void): ReadableWatch {
  checkDescriptor(fd);
  keepLoaded();
  let active = true;
  let stopped = false;
  const callback = (status: number): void => {
    // libuv stops watching a descriptor with a pending error (EPOLLERR).
    if (status < 0) active = false;
    onReadable();
  };
  // The garbage collector closes a handle without a reference.
  let handle: Handle | null = (koffiPoll() as Poll)(fd, READABLE, callback);
  const stop = (): void => {
    stopped = true;
    handle?.stop();
  };
  if (openHandles.size === 0) process.on('exit', stopAll);
  openHandles.add(stop);
  return {
    setReferenced: (referenced) => {
      if (referenced) handle?.ref();
      else handle?.unref();
    },
    resume: () => {
      if (active || stopped) return;
      active = true;
      handle?.start(READABLE, callback);
    },
    pause: () => {
      if (!active) return;
      active = false;
      handle?.stop();
    },
    close: () => {
      // Any call on a closed handle ends the process.
      handle?.close();
      handle = null;
      openHandles.delete(stop);
      if (openHandles.size === 0) process.off('exit', stopAll);
    },
  };
}
