/** Receiving: the thread that waits for frames, or the event loop, and the rings they put them into. */
export { loopCanRead, receiveFrom, type PollerKind } from './kinds';
export { RECORD, Ring } from './ring';
export type { Reading, Registration, Sink } from './sink';
export { TRAILER } from './trailer';
