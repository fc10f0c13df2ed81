import { expect } from 'chai';
import * as fc from 'fast-check';
import { IterationBench } from '../../support/fakes/iteration';

/** The same with plain arrays: one of frames, one of waiting calls, and an end. */
class Model {
  frames: number[] = [];
  /** The places of the waiting calls in `outcomes`. */
  waiting: number[] = [];
  outcomes: (number | string | undefined)[] = [];
  discarded = 0;
  over = false;
  failure: string | undefined;
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  bring(count: number, first: number): void {
    if (this.over) return;
    for (let number = first; number < first + count; number++) {
      const place = this.waiting.shift();
      if (place !== undefined) this.outcomes[place] = number;
      else if (this.frames.length < this.limit) this.frames.push(number);
      else this.discarded++;
    }
  }

  next(): void {
    const frame = this.frames.shift();
    if (frame !== undefined) this.outcomes.push(frame);
    else if (this.failure !== undefined) {
      this.outcomes.push(this.failure);
      this.failure = undefined;
    } else if (this.over) this.outcomes.push('done');
    else this.waiting.push(this.outcomes.push(undefined) - 1);
  }

  end(failure?: string): void {
    if (this.over) return;
    this.over = true;
    this.failure = failure;
    for (const place of this.waiting.splice(0)) {
      this.outcomes[place] = this.failure ?? 'done';
      this.failure = undefined;
    }
  }

  clear(): void {
    this.frames = [];
    this.failure = undefined;
  }
}

const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant('bring' as const), count: fc.nat(6) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('flood' as const) }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('next' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('drain' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('close', 'fail', 'abort', 'return' as const) }),
  },
);

const FLOOD = 1500;

describe('FrameIteration compared with plain arrays', () => {
  it('returns the same frames and ends in the same order, and discards as many frames', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(3000)),
        async (steps, limit) => {
          const controller = new AbortController();
          const bench = new IterationBench({ limit, signal: controller.signal });
          const model = new Model(limit);
          const outcomes: (number | string | undefined)[] = [];
          const settling: Promise<void>[] = [];
          const next = (): void => {
            const place = outcomes.push(undefined) - 1;
            settling.push(bench.next().then((outcome) => void (outcomes[place] = outcome)));
            model.next();
          };
          let brought = 0;
          for (const each of steps) {
            switch (each.kind) {
              case 'bring':
              case 'flood': {
                const count = each.kind === 'bring' ? each.count : FLOOD;
                bench.bring(count, brought);
                model.bring(count, brought);
                brought += count;
                break;
              }
              case 'next':
                next();
                break;
              case 'drain':
                while (model.frames.length > 0) next();
                break;
              case 'close':
                bench.close();
                model.end();
                break;
              case 'fail':
                // An emitter without a listener for 'error' throws.
                if (!model.over) bench.fail('failed');
                model.end('failed');
                break;
              case 'abort':
                if (!model.over) model.clear();
                model.end('The operation was aborted');
                controller.abort();
                break;
              case 'return':
                void bench.iteration.return();
                model.end();
                model.clear();
            }
            await new Promise(setImmediate);
            expect(outcomes).to.deep.equal(model.outcomes);
            expect(bench.iteration.discarded).to.equal(model.discarded);
            expect(bench.lost).to.equal(model.discarded);
            expect(bench.listeners).to.equal(model.over ? 0 : 3);
          }
          void bench.iteration.return();
          await Promise.all(settling);
        },
      ),
      { numRuns: 150 },
    );
  });
});
