import type { Identifier } from './identifier';

/** By what rows are sorted, each in its natural direction. */
export const SORTS = ['id', 'rate', 'count', 'change', 'period'] as const;
export type Sort = (typeof SORTS)[number];

/** Interface, then identifier; base before extended, data before remote. */
function byIdentifier(a: Identifier, b: Identifier): number {
  return (
    a.interfaceIndex - b.interfaceIndex ||
    a.frame.identifier - b.frame.identifier ||
    a.frame.format - b.frame.format ||
    Number(a.remote) - Number(b.remote)
  );
}

/** Two digits of a number: what differs by less must not make rows change places all the time. */
function coarse(value: number): number {
  return Number(value.toPrecision(2));
}

/** What is sorted, the smallest first. */
function keyOf(row: Identifier, sort: Sort, nowNs: number): number {
  switch (sort) {
    case 'id':
      return 0;
    case 'rate':
      return -coarse(row.timing.rate(nowNs));
    case 'count':
      return -row.count;
    case 'change':
      return -row.changedNs;
    case 'period':
      return coarse(row.timing.periodNs ?? Number.MAX_VALUE);
  }
}

/** The rows in order; equal ones by identifier. */
export function sorted(rows: readonly Identifier[], sort: Sort, reverse: boolean, nowNs: number): Identifier[] {
  const keyed = rows.map((row) => ({ row, key: keyOf(row, sort, nowNs) }));
  const sign = reverse ? -1 : 1;
  keyed.sort((a, b) => sign * (a.key - b.key || byIdentifier(a.row, b.row)));
  return keyed.map(({ row }) => row);
}
