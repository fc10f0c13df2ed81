import type { DataFrame } from './data-frame';
import type { ErrorFrame } from './error-frame';
import type { RemoteFrame } from './remote-frame';

/** Everything a CAN_RAW socket can send and receive. Tell them apart by `instanceof`. */
export type Frame = DataFrame | RemoteFrame | ErrorFrame;
