/** struct can_filter as a pair: can_id and can_mask. */
export type Pair = readonly [id: number, mask: number];

const EFF = 0x80000000;
const RTR = 0x40000000;
const ERR = 0x20000000;
const INV = 0x20000000;
const SFF_MASK = 0x7ff;
const EFF_MASK = 0x1fffffff;

const has = (value: number, flag: number): boolean => Math.floor(value / flag) % 2 === 1;
const and = (a: number, b: number): number => Number(BigInt(a) & BigInt(b));

/**
 * Whether a socket with these filters receives a frame, the kernel's way in its own words
 * (net/can/af_can.c): each filter is entered in one of four lists, and a frame looks at them.
 */
export function kernelReceives(
  pairs: readonly Pair[] | undefined,
  canId: number,
  errorMask: number,
  joined: boolean,
): boolean {
  const lists = { errors: [errorMask], all: 0, equal: [] as Pair[], unequal: [] as Pair[] };
  const entered: readonly Pair[] = pairs ?? [[0, 0]];
  for (const [id, mask] of entered) {
    const isBase = has(mask, EFF) && !has(id, EFF);
    const bits = isBase ? and(mask, SFF_MASK + EFF + RTR) : mask;
    if (has(mask, ERR)) lists.errors.push(and(mask, EFF_MASK));
    else if (has(id, INV)) lists.unequal.push([and(id, bits), bits]);
    else if (bits === 0) lists.all++;
    else lists.equal.push([and(id, bits), bits]);
  }
  const matches = has(canId, ERR)
    ? lists.errors.filter((mask) => and(canId, mask) !== 0).length
    : lists.all +
      lists.equal.filter(([id, mask]) => and(canId, mask) === id).length +
      lists.unequal.filter(([id, mask]) => and(canId, mask) !== id).length;
  return matches > 0 && (!joined || matches >= entered.length);
}
