import type { Confirmable } from '../../../src/channel/transmit/job';
import type { Frame } from '../../../src/frame/frame';
import type { SentFrame } from '../../../src/raw/receive/echoes';

/** A frame that was sent and waits for its echo. */
export function awaiting(frame: Frame, wanted: boolean, confirms?: Confirmable, index = 0, atNs = 0n): SentFrame {
  return { frame, wanted, confirms, index, atNs };
}
