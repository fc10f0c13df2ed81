import type { CANSocket, Frame, SendOptions } from '../../index';
import type { SendSummary } from './send-summary';

/** The highest number of frames in one call of `send`. Larger calls are not faster. */
export const FRAMES_PER_CALL = 256;

/** How long a frame may wait for the kernel before it expires, unless --timeout says otherwise. */
export const DEFAULT_TIMEOUT_MS = 1000;

/** Sends frames in one call, and adds the outcome to a summary, even if the call fails. */
export async function sendFrames(
  socket: CANSocket,
  frames: readonly Frame[],
  options: SendOptions,
  summary: SendSummary,
): Promise<void> {
  try {
    summary.add(frames.length, await socket.send(frames, options));
  } catch (error) {
    summary.addFailed(frames.length, error);
    throw error;
  }
}
