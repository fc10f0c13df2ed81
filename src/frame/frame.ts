import { DataFrame } from './data-frame';
import { ErrorFrame } from './error-frame';
import { RemoteFrame } from './remote-frame';

/** Any frame that a CAN_RAW socket sends or receives. Use `instanceof` to find out which kind it is. */
export type Frame = DataFrame | RemoteFrame | ErrorFrame;

/** Tests for a frame of any kind. */
export function isFrame(value: unknown): value is Frame {
  return value instanceof DataFrame || value instanceof RemoteFrame || value instanceof ErrorFrame;
}
