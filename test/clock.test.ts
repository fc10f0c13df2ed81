import { expect } from 'chai';
import { LONGEST_TIMER_MS, systemClock, type Clock } from '../src/clock';
import { FakeClock, MS } from './support/fakes/clock';

/** The system clock and its replacement in tests. They must behave alike. */
const clocks: Readonly<Record<string, () => { clock: Clock; run: (end: Promise<void>) => unknown }>> = {
  systemClock: () => ({ clock: systemClock, run: (end) => end }),
  FakeClock: () => {
    const clock = new FakeClock();
    return { clock, run: (end) => clock.run(end) };
  },
};

for (const [name, make] of Object.entries(clocks)) {
  describe(`${name} as a Clock`, () => {
    it('runs a timer once, and never before its time', async () => {
      const { clock, run } = make();
      const start = clock.now();
      let runs = 0;
      await run(
        new Promise((resolve) => {
          clock.setTimeout(() => runs++, 2);
          clock.setTimeout(resolve, 4);
        }),
      );
      expect(runs).to.equal(1);
      // Node.js counts whole milliseconds: a timer may be up to 1 ms early.
      expect(clock.now() - start >= 3n * MS).to.equal(true);
    });

    it('runs timers in the order of their times, and promise reactions after each', async () => {
      const { clock, run } = make();
      const order: string[] = [];
      await run(
        new Promise((resolve) => {
          clock.setTimeout(resolve, 30);
          clock.setTimeout(() => order.push('third'), 20);
          for (const each of ['first', 'second']) {
            clock.setTimeout(() => {
              order.push(each);
              void Promise.resolve().then(() => order.push(`after ${each}`));
            }, 1);
          }
        }),
      );
      expect(order).to.deep.equal(['first', 'after first', 'second', 'after second', 'third']);
    });

    it('runs an immediate that another one sets in the next turn', async () => {
      const { clock, run } = make();
      const order: string[] = [];
      await run(
        new Promise((resolve) => {
          clock.setImmediate(() => {
            order.push('first');
            clock.setImmediate(() => {
              order.push('third');
              resolve();
            });
          });
          clock.setImmediate(() => order.push('second'));
        }),
      );
      expect(order).to.deep.equal(['first', 'second', 'third']);
    });

    it('runs neither a cleared timer nor a cleared immediate', async () => {
      const { clock, run } = make();
      const ran: string[] = [];
      await run(
        new Promise((resolve) => {
          const early = clock.setTimeout(() => ran.push('early timer'), 1);
          const immediate = clock.setImmediate(() => ran.push('immediate'));
          clock.clearTimeout(early);
          clock.clearImmediate(immediate);
          clock.clearTimeout(undefined);
          clock.clearImmediate(undefined);
          clock.setTimeout(() => {
            clock.clearTimeout(late);
          }, 1);
          const late = clock.setTimeout(() => ran.push('late timer'), 2);
          clock.setTimeout(resolve, 5);
        }),
      );
      expect(ran).to.deep.equal([]);
    });
  });
}

describe('FakeClock', () => {
  it('stops between calls of advance(), and runs each timer at exactly its time', async () => {
    const clock = new FakeClock(0n);
    const times: bigint[] = [];
    for (const ms of [7, 3, LONGEST_TIMER_MS]) {
      clock.setTimeout(() => times.push(clock.now()), ms);
    }
    expect(clock.waits).to.deep.equal([3n * MS, 7n * MS, BigInt(LONGEST_TIMER_MS) * MS]);
    await clock.advance(3n * MS - 1n);
    expect(times).to.deep.equal([]);
    await clock.advance(1n);
    expect(times).to.deep.equal([3n * MS]);
    await clock.advance(10n * MS);
    expect(times).to.deep.equal([3n * MS, 7n * MS]);
    expect(clock.now()).to.equal(13n * MS);
  });

  it('runs a timer late when code takes longer than its delay', async () => {
    const clock = new FakeClock(0n);
    const times: bigint[] = [];
    clock.setTimeout(() => times.push(clock.now()), 2);
    clock.spend(5n * MS);
    expect(times).to.deep.equal([]);
    await clock.turn();
    expect(times).to.deep.equal([5n * MS]);
  });

  it('throws for the delays for which Node.js prints a warning', () => {
    const clock = new FakeClock();
    for (const ms of [-1, NaN, LONGEST_TIMER_MS + 1]) {
      expect(() => clock.setTimeout(() => undefined, ms)).to.throw(RangeError);
    }
  });

  it('rejects when a promise can never settle', async () => {
    const clock = new FakeClock();
    const error = await clock.run(new Promise(() => undefined)).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error);
  });
});
