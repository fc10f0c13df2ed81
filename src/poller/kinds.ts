import { canWatch } from '../libc/readable';
import type { PollRequest, RecordConsumer, Registration } from './consumer';
import { LoopPoller } from './loop-poller';
import { ThreadPoller } from './thread-poller';

/**
 * Who receives.
 *
 * - 'thread': a thread for all sockets, which goes on while the main thread is busy;
 * - 'loop': the event loop of the main thread. It needs no thread and half the work for a single frame. While the
 *   main thread is busy, only the kernel's buffer holds frames.
 */
export type PollerKind = 'thread' | 'loop';

const POLLERS: Readonly<Record<PollerKind, (request: PollRequest, consumer: RecordConsumer) => Registration>> = {
  thread: (request, consumer) => ThreadPoller.add(request, consumer),
  loop: (request, consumer) => new LoopPoller(request, consumer),
};

/** All kinds of pollers, the default first. */
export const POLLER_KINDS = Object.keys(POLLERS) as readonly PollerKind[];

/** Whether 'loop' works here. It needs a part of koffi that is not documented yet and can change. */
export function loopIsSupported(): boolean {
  return canWatch();
}

/** Receives from a descriptor until the registration is removed. */
export function receiveFrom(kind: PollerKind, request: PollRequest, consumer: RecordConsumer): Registration {
  return POLLERS[kind](request, consumer);
}
