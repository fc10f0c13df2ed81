import { expect } from 'chai';
import * as fc from 'fast-check';
import { arbitrationKey } from '../../../src/frame/timing/arbitration';
import { DataFrame } from '../../../src/frame/data-frame';
import { ErrorFrame } from '../../../src/frame/error-frame';
import { FrameFormat } from '../../../src/frame/format';
import type { Frame } from '../../../src/frame/frame';
import { RemoteFrame } from '../../../src/frame/remote-frame';
import { EAGAIN } from '../../../src/libc/errno';
import type { SendOrder } from '../../../src/channel/transmit/order';
import { call, QueueBench } from '../../support/fakes/outlet';

const { Base, Extended } = FrameFormat;

/** Frames of few ranks, so that many are equal in arbitration. */
const frame = fc
  .tuple(fc.constantFrom('base', 'extended', 'remote', 'error'), fc.nat({ max: 2 }))
  .map(([kind, id]): Frame => {
    if (kind === 'error') return new ErrorFrame(1 << id, new Uint8Array(8));
    if (kind === 'remote') return new RemoteFrame(Base, id);
    return kind === 'base'
      ? new DataFrame(Base, id, new Uint8Array(0))
      : new DataFrame(Extended, id * 2 ** 18, new Uint8Array(0));
  });

/** The frames of a new call, or how many frames the kernel takes next. */
const step = fc.oneof(fc.array(frame, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 70 }));

/** The lower rank goes first. An error frame is not arbitrated and goes before all others. */
const rank = (each: Frame): number => (each instanceof ErrorFrame ? -1 : arbitrationKey(each));

/** The model: the frames to send next, of calls in the order they were made. */
function chosen(calls: readonly (readonly Frame[])[], most: number, order: SendOrder): Frame[] {
  const left = calls.map((list) => [...list]);
  const list: Frame[] = [];
  while (list.length < most) {
    const waiting = left.filter(({ length }) => length > 0);
    const lowest = Math.min(...waiting.map(([head]) => rank(head as Frame)));
    const next = order === 'fifo' ? waiting[0] : waiting.find(([head]) => rank(head as Frame) === lowest);
    if (next === undefined) break;
    list.push(next.shift() as Frame);
  }
  return list;
}

/** Plays the steps on a queue whose kernel takes frames only when a step says so, and in the model. */
async function play(order: SendOrder, steps: readonly (Frame[] | number)[]): Promise<void> {
  const { queue, outlet, clock } = new QueueBench([], -EAGAIN, order);
  const results: Promise<unknown>[] = [];
  let calls: (readonly Frame[])[] = [];
  const model: Frame[] = [];
  const everything = steps.filter((each) => typeof each !== 'number').flat().length;
  for (const each of [...steps, ...new Array<number>(everything).fill(64)]) {
    if (typeof each !== 'number') {
      calls.push(each);
      results.push(queue.send(call(each)));
      continue;
    }
    if (calls.flat().length === 0) continue;
    const before = outlet.offers.length;
    outlet.script.push(each);
    queue.wake();
    expect(outlet.script, 'answers that no call has asked for').to.deep.equal([]);
    const [offer = []] = outlet.offers.slice(before);
    const taken = chosen(calls, Math.min(each, offer.length), order);
    expect(taken).to.have.lengthOf.at.least(1);
    model.push(...taken);
    expect(same(outlet.taken, model)).to.equal(true);
    const gone = new Set(taken);
    calls = calls.map((list) => list.filter((one) => !gone.has(one)));
  }
  await clock.run(Promise.all(results));
  expect(outlet.taken).to.have.lengthOf(everything);
}

/** Whether these are the very same objects. */
function same(a: readonly Frame[], b: readonly Frame[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

describe('sendOrder', () => {
  for (const order of ['fifo', 'priority'] as const) {
    it(`'${order}' sends in the order of a simple model, whatever the kernel takes and when calls are made`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), (steps) => play(order, steps)),
        { numRuns: 150 },
      );
    });
  }

  it("'priority' sends the frames of a thousand calls in the order of the model", async () => {
    const list = fc.sample(fc.array(frame, { minLength: 1, maxLength: 3 }), {
      numRuns: 1000,
      seed: 7,
    });
    const { queue, outlet, clock } = new QueueBench([], -EAGAIN, 'priority');
    const results = list.map((each) => queue.send(call(each)));
    outlet.default_ = undefined;
    queue.wake();
    await clock.run(Promise.all(results));
    expect(same(outlet.taken, chosen(list, Infinity, 'priority'))).to.equal(true);
  });

  it("'priority' lets an urgent call pass the rest of a long one", async () => {
    const { queue, outlet, clock } = new QueueBench([3], -EAGAIN, 'priority');
    const long = Array.from({ length: 10 }, (_, i) => new DataFrame(Base, 0x700 + i, new Uint8Array(0)));
    const urgent = new DataFrame(Base, 1, new Uint8Array(0));
    const results = [queue.send(call(long)), queue.send(call([urgent]))];
    outlet.default_ = undefined;
    queue.wake();
    await clock.run(Promise.all(results));
    expect(same(outlet.taken, [...long.slice(0, 3), urgent, ...long.slice(3)])).to.equal(true);
  });
});
