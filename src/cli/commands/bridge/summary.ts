import { jsonLine } from '../../text/json';

/** The counts of one direction. At any time, received is the sum of all counts from forwarded to waiting. */
export interface DirectionStatistics {
  /** Data and remote frames received from the source, without those that the bridge itself sent. */
  readonly received: number;
  /** Frames that the kernel accepted for the destination. */
  readonly forwarded: number;
  /** Frames that the filters rejected. */
  readonly filtered: number;
  /** Frames that waited longer than the timeout: the queue of the destination was full, or its link was down. */
  readonly expired: number;
  /** Frames that the kernel rejected for good, or that waited for a socket that failed. */
  readonly refused: number;
  /** Frames above the limit of waiting frames, and CAN FD frames that the FD rule drops. */
  readonly dropped: number;
  /** CAN FD frames among the dropped ones. */
  readonly droppedFD: number;
  /** Frames still in the queue; 0 after the end. */
  readonly waiting: number;
  /** Frames lost because the receive buffer was full. They are not part of received. */
  readonly lost: number;
}

/** One direction of a bridge and its counts. */
export interface DirectionSummary {
  readonly fromName: string;
  readonly toName: string;
  readonly statistics: DirectionStatistics;
}

/** The summary of one direction as a line of text. */
export function summaryLine({ fromName, toName, statistics }: DirectionSummary): string {
  const { received, forwarded, filtered, expired, refused, dropped } = statistics;
  const { droppedFD, waiting, lost } = statistics;
  const fdPart = droppedFD === 0 ? '' : ` (${droppedFD} of CAN FD)`;
  const waitingPart = waiting === 0 ? '' : `, waiting ${waiting}`;
  const lostPart = lost === 0 ? '' : `; lost in the kernel: ${lost}`;
  return (
    `${fromName} -> ${toName}: received ${received} = forwarded ${forwarded}, filtered ${filtered}, ` +
    `expired ${expired}, refused ${refused}, dropped ${dropped}${fdPart}${waitingPart}${lostPart}`
  );
}

/** The summary of all directions as a line of JSON. docs/bridge.md lists the fields. */
export function summaryJSON(directions: readonly DirectionSummary[], final: boolean): string {
  return jsonLine({
    event: final ? 'account' : 'statistics',
    systemNs: BigInt(Date.now()) * 1_000_000n,
    directions: directions.map(({ fromName: from, toName: to, statistics }) => ({
      from,
      to,
      ...statistics,
    })),
  });
}
