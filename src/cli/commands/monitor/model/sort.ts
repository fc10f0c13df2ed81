import type { Identifier } from './identifier';

/** The sort orders, each with its natural direction. */
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

/** Rounds to two digits, so that small differences do not make rows change places all the time. */
function coarse(value: number): number {
  return Number(value.toPrecision(2));
}

/** The sort key; the smallest goes first. */
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

/** Sorts the rows; rows with equal keys by identifier. */
export function sorted(rows: readonly Identifier[], sort: Sort, reverse: boolean, nowNs: number): Identifier[] {
  const keyed = rows.map((row) => ({ row, key: keyOf(row, sort, nowNs) }));
  const sign = reverse ? -1 : 1;
  keyed.sort((a, b) => sign * (a.key - b.key || byIdentifier(a.row, b.row)));
  return keyed.map(({ row }) => row);
}
