import { jsonLine } from '../../text/json';
import type { Direction } from './direction';

/** The account of a direction, a line for people. */
export function accountLine({ fromName, toName, statistics }: Direction): string {
  const { received, forwarded, filtered, expired, refused, dropped } = statistics;
  const { droppedFD, waiting, lost } = statistics;
  const fd = droppedFD === 0 ? '' : ` (${droppedFD} of CAN FD)`;
  const undecided = waiting === 0 ? '' : `, waiting ${waiting}`;
  const before = lost === 0 ? '' : `; lost before: ${lost}`;
  return (
    `${fromName} -> ${toName}: received ${received} = forwarded ${forwarded}, filtered ${filtered}, ` +
    `expired ${expired}, refused ${refused}, dropped ${dropped}${fd}${undecided}${before}`
  );
}

/** The account of all directions, a line of JSON. docs/bridge.md lists the fields. */
export function accountJSON(directions: readonly Direction[], final: boolean): string {
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
