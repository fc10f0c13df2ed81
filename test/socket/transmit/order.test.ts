import { expect } from 'chai';
import * as fc from 'fast-check';
import { setImmediate as turn } from 'node:timers/promises';
import {
  arbitrationKey,
  DataFrame,
  ErrorFrame,
  FrameFormat,
  RemoteFrame,
  type Frame,
} from '../../../src/frame';
import { EAGAIN } from '../../../src/libc';
import type { SendOrder } from '../../../src/socket/transmit/order';
import { far, QueueBench } from '../../support/fakes/outlet';

const { Base, Extended } = FrameFormat;

/** Frames of few ranks: many are equal in arbitration. */
const frame = fc
  .tuple(fc.constantFrom('base', 'extended', 'remote', 'error'), fc.nat({ max: 2 }))
  .map(([kind, id]): Frame => {
    if (kind === 'error') return new ErrorFrame(1 << id, new Uint8Array(8));
    if (kind === 'remote') return new RemoteFrame(Base, id);
    return kind === 'base'
      ? new DataFrame(Base, id, new Uint8Array(0))
      : new DataFrame(Extended, id * 2 ** 18, new Uint8Array(0));
  });

/** A call is made, or the kernel takes so many frames in one go. */
const step = fc.oneof(
  fc.array(frame, { minLength: 1, maxLength: 12 }),
  fc.integer({ min: 1, max: 70 }),
);

/** Lower goes first. An error frame is not arbitrated, and waits for nothing. */
const rank = (each: Frame): number => (each instanceof ErrorFrame ? -1 : arbitrationKey(each));

/** What is to be handed over next of calls in the order they were made, the first frame of each being its head. */
function chosen(calls: readonly (readonly Frame[])[], most: number, order: SendOrder): Frame[] {
  const left = calls.map((list) => [...list]);
  const list: Frame[] = [];
  while (list.length < most) {
    const waiting = left.filter(({ length }) => length > 0);
    const lowest = Math.min(...waiting.map(([head]) => rank(head as Frame)));
    const next =
      order === 'fifo' ? waiting[0] : waiting.find(([head]) => rank(head as Frame) === lowest);
    if (next === undefined) break;
    list.push(next.shift() as Frame);
  }
  return list;
}

/** Plays the steps on a queue whose kernel takes frames only where a step says so, and in the model. */
async function play(order: SendOrder, steps: readonly (Frame[] | number)[]): Promise<void> {
  const { queue, outlet } = new QueueBench([], -EAGAIN, order);
  const results: Promise<unknown>[] = [];
  let calls: (readonly Frame[])[] = [];
  const model: Frame[] = [];
  const everything = steps.filter((each) => typeof each !== 'number').flat().length;
  for (const each of [...steps, ...new Array<number>(everything).fill(64)]) {
    if (typeof each !== 'number') {
      calls.push(each);
      results.push(queue.send(far(each)));
      continue;
    }
    if (calls.flat().length === 0) continue;
    const before = outlet.offers.length;
    outlet.script.push(each);
    queue.wake();
    // A turn that has used up its time tries in the next.
    while (outlet.script.length > 0) await turn();
    const [offer = []] = outlet.offers.slice(before);
    const taken = chosen(calls, Math.min(each, offer.length), order);
    expect(taken).to.have.lengthOf.at.least(1);
    model.push(...taken);
    expect(same(outlet.taken, model)).to.equal(true);
    const gone = new Set(taken);
    calls = calls.map((list) => list.filter((one) => !gone.has(one)));
  }
  await Promise.all(results);
  expect(outlet.taken).to.have.lengthOf(everything);
}

/** Whether these are the very same objects. */
function same(a: readonly Frame[], b: readonly Frame[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

describe('the order of calls', () => {
  for (const order of ['fifo', 'priority'] as const) {
    it(`'${order}' is that of the model, whatever the kernel takes and when calls are made`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), (steps) => play(order, steps)),
        { numRuns: 150 },
      );
    }).timeout(60_000);
  }

  it("'priority' is right among a thousand calls", async () => {
    const list = fc.sample(fc.array(frame, { minLength: 1, maxLength: 3 }), {
      numRuns: 1000,
      seed: 7,
    });
    const { queue, outlet } = new QueueBench([], -EAGAIN, 'priority');
    const results = list.map((each) => queue.send(far(each)));
    outlet.default_ = undefined;
    queue.wake();
    await Promise.all(results);
    expect(same(outlet.taken, chosen(list, Infinity, 'priority'))).to.equal(true);
  });

  it("'priority' lets an urgent call pass a long one that has begun, after what the kernel has", async () => {
    const { queue, outlet } = new QueueBench([3], -EAGAIN, 'priority');
    const long = Array.from(
      { length: 10 },
      (_, i) => new DataFrame(Base, 0x700 + i, new Uint8Array(0)),
    );
    const urgent = new DataFrame(Base, 1, new Uint8Array(0));
    const results = [queue.send(far(long)), queue.send(far([urgent]))];
    outlet.default_ = undefined;
    queue.wake();
    await Promise.all(results);
    expect(same(outlet.taken, [...long.slice(0, 3), urgent, ...long.slice(3)])).to.equal(true);
  });
});
