import type { Frame } from '../../../src/frame/frame';
import type { Confirmable, Sent } from '../../../src/raw/receive/echoes';

/** A frame that was sent and waits for its echo. */
export function awaiting(frame: Frame, wanted: boolean, confirms?: Confirmable, index = 0, atNs = 0n): Sent {
  return { frame, wanted, confirms, index, atNs };
}
