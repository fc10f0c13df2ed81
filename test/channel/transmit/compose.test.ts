import { expect } from 'chai';
import * as fc from 'fast-check';
import { EAGAIN } from '../../../src/libc/errno';
import { QueueBench, request } from '../../support/fakes/transmit-queue';

/** An item with a rank. Equal items are distinct objects. */
interface Ranked {
  readonly rank: number;
}

const rankOf = ({ rank }: Ranked): number => rank;

/** Items of few ranks, so that many are equal. */
const item: fc.Arbitrary<Ranked> = fc.nat({ max: 9 }).map((rank) => ({ rank }));

/** The items of a new call, or how many items the kernel takes next. */
const step = fc.oneof(fc.array(item, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 70 }));

/** The model: the items to send next, of calls in the order they were made. */
function chosen(calls: readonly (readonly Ranked[])[], most: number, byRank: boolean): Ranked[] {
  const left = calls.map((list) => [...list]);
  const list: Ranked[] = [];
  while (list.length < most) {
    const waiting = left.filter(({ length }) => length > 0);
    const lowest = Math.min(...waiting.map(([head]) => (head as Ranked).rank));
    const next = byRank ? waiting.find(([head]) => head?.rank === lowest) : waiting[0];
    if (next === undefined) break;
    list.push(next.shift() as Ranked);
  }
  return list;
}

/** Plays the steps on a queue whose kernel takes items only when a step says so, and in the model. */
async function play(byRank: boolean, steps: readonly (Ranked[] | number)[]): Promise<void> {
  const { queue, sender, clock } = new QueueBench<Ranked>([], -EAGAIN, byRank ? rankOf : undefined);
  const results: Promise<unknown>[] = [];
  let calls: (readonly Ranked[])[] = [];
  const model: Ranked[] = [];
  const everything = steps.filter((each) => typeof each !== 'number').flat().length;
  for (const each of [...steps, ...new Array<number>(everything).fill(64)]) {
    if (typeof each !== 'number') {
      calls.push(each);
      results.push(queue.send(request(each)));
      continue;
    }
    if (calls.flat().length === 0) continue;
    const before = sender.offers.length;
    sender.script.push(each);
    queue.wake();
    expect(sender.script, 'answers that no call has asked for').to.deep.equal([]);
    const [offer = []] = sender.offers.slice(before);
    const taken = chosen(calls, Math.min(each, offer.length), byRank);
    expect(taken).to.have.lengthOf.at.least(1);
    model.push(...taken);
    expect(same(sender.taken, model)).to.equal(true);
    const gone = new Set(taken);
    calls = calls.map((list) => list.filter((one) => !gone.has(one)));
  }
  await clock.run(Promise.all(results));
  expect(sender.taken).to.have.lengthOf(everything);
}

/** Whether these are the very same objects. */
function same(a: readonly Ranked[], b: readonly Ranked[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

describe('compose', () => {
  for (const [name, byRank] of [
    ['in the order of the calls', false],
    ['by rank', true],
  ] as const) {
    it(`selects items ${name} like a simple model, whatever the kernel takes and when calls are made`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), (steps) => play(byRank, steps)),
        { numRuns: 150 },
      );
    });
  }

  it('selects the items of a thousand calls by rank like the model', async () => {
    const list = fc.sample(fc.array(item, { minLength: 1, maxLength: 3 }), {
      numRuns: 1000,
      seed: 7,
    });
    const { queue, sender, clock } = new QueueBench<Ranked>([], -EAGAIN, rankOf);
    const results = list.map((each) => queue.send(request(each)));
    sender.default_ = undefined;
    queue.wake();
    await clock.run(Promise.all(results));
    expect(same(sender.taken, chosen(list, Infinity, true))).to.equal(true);
  });

  it('lets a call of low rank pass the rest of a long one', async () => {
    const { queue, sender, clock } = new QueueBench<Ranked>([3], -EAGAIN, rankOf);
    const long = Array.from({ length: 10 }, (_, rank) => ({ rank: 100 + rank }));
    const urgent = { rank: 1 };
    const results = [queue.send(request<Ranked>(long)), queue.send(request([urgent]))];
    sender.default_ = undefined;
    queue.wake();
    await clock.run(Promise.all(results));
    expect(same(sender.taken, [...long.slice(0, 3), urgent, ...long.slice(3)])).to.equal(true);
  });
});
