/** The thread that waits for frames, and the rings it puts them into. */
export { Poller, type Registration, type Sink } from './poller';
export { RECORD, Ring } from './ring';
export { TRAILER } from './trailer';
