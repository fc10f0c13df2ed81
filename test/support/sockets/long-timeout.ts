import { after, HANG_MS } from '../waiting/until';

/** Options of a send whose timeout only a hang exceeds. */
export const LONG_TIMEOUT = { timeoutMs: HANG_MS } as const;

/** A deadline for a send of a media that only a hang exceeds (monotonic ns). */
export function farDeadline(): bigint {
  return after(HANG_MS);
}
