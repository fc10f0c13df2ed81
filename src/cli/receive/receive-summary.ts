import type { SocketStatistics } from '../../index';
import { frameCount } from '../text/frame-count';
import type { FrameOrigin } from './merge';

/** The counts of one interface at the end. */
export interface ReceiveSummary extends FrameOrigin {
  /** Frames that the driver or netdev_max_backlog dropped before they reached any socket. */
  readonly droppedBefore: number;
  /** Frames that were delivered. */
  readonly frames: number;
  readonly statistics: SocketStatistics;
}

/** A line for each interface, for stderr. */
export function summaryLines(summaries: readonly ReceiveSummary[]): string[] {
  return summaries.map(({ interfaceName, frames, statistics, droppedBefore }) => {
    const { dropped, unsupported } = statistics;
    const malformed = unsupported === 0 ? '' : `, ${unsupported} malformed`;
    const before =
      droppedBefore === 0
        ? ''
        : `; the interface itself dropped ${droppedBefore} (driver, or net.core.netdev_max_backlog)`;
    return `${interfaceName}: received ${frameCount(frames)}, lost ${dropped}${malformed}${before}`;
  });
}
