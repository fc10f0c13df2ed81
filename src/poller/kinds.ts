import { canWatch } from '../libc/readable';
import { LoopReader } from './loop';
import { Poller } from './poller';
import type { Reading, Registration, Sink } from './sink';

/**
 * Who receives.
 *
 * - 'thread': a thread for all sockets, which goes on while the main thread is busy;
 * - 'loop': the main thread's event loop. No thread, half the work for a frame that comes alone, and no
 *   protection from a main thread that is busy: then the kernel's buffer is all there is.
 */
export type PollerKind = 'thread' | 'loop';

/** Whether there is a poller 'loop' here: what it needs of koffi is not documented yet, and may change. */
export function loopCanRead(): boolean {
  return canWatch();
}

/** Receives from a descriptor until it is told to let go. */
export function receiveFrom(kind: PollerKind, reading: Reading, sink: Sink): Registration {
  return kind === 'loop' ? new LoopReader(reading, sink) : Poller.add(reading, sink);
}
