import { expect } from 'chai';
import { TransmitQueue } from '../../../src/channel/transmit/queue';
import { TurnBudget } from '../../../src/channel/transmit/turn-budget';
import { FakeClock, MS } from '../../support/fakes/clock';
import { FakeSender, newTransmitCounters } from '../../support/fakes/transmit-queue';

/** TurnBudget on a clock of the test. */
function bench(): { clock: FakeClock; budget: TurnBudget } {
  const clock = new FakeClock();
  return { clock, budget: new TurnBudget(clock) };
}

describe('TurnBudget', () => {
  it('grants 1 ms from the first question, and 1 ms again in the next turn of the event loop', async () => {
    const { clock, budget } = bench();
    for (let turn = 0; turn < 3; turn++) {
      expect(budget.hasTime(clock.now()), 'at the beginning').to.equal(true);
      clock.spend(MS);
      expect(budget.hasTime(clock.now()), 'after 1 ms').to.equal(true);
      clock.spend(1n);
      expect(budget.hasTime(clock.now()), 'after 1 ms and 1 ns').to.equal(false);
      await clock.turn();
    }
  });

  it('runs the waiting functions one after the other, although each uses up a whole turn', async () => {
    const { clock, budget } = bench();
    const order: string[] = [];
    const greedy = (name: string): (() => void) => {
      const run = (): void => {
        order.push(`${name} in turn ${clock.turns}`);
        clock.spend(2n * MS);
        budget.wait(run);
      };
      return run;
    };
    expect(budget.hasTime(clock.now())).to.equal(true);
    for (const name of ['a', 'b', 'c']) budget.wait(greedy(name));
    for (let turn = 0; turn < 6; turn++) await clock.turn();
    expect(order).to.deep.equal(['a', 'b', 'c', 'a', 'b', 'c'].map((name, at) => `${name} in turn ${at + 1}`));
  });

  it('runs all waiting functions in one turn when there is time for them', async () => {
    const { clock, budget } = bench();
    const order: string[] = [];
    expect(budget.hasTime(clock.now())).to.equal(true);
    for (const name of ['a', 'b', 'c']) budget.wait(() => order.push(name));
    await clock.turn();
    expect(order).to.deep.equal(['a', 'b', 'c']);
  });

  it('does not run a forgotten function, even if another one forgets it in the same turn', async () => {
    const { clock, budget } = bench();
    const ran: string[] = [];
    const second = (): unknown => ran.push('second');
    expect(budget.hasTime(clock.now())).to.equal(true);
    budget.wait(() => {
      ran.push('first');
      budget.forget(second);
    });
    budget.wait(second);
    await clock.advance(MS);
    expect(ran).to.deep.equal(['first']);
  });

  it('leaves the event loop idle when nobody sends', async () => {
    const { clock, budget } = bench();
    expect(budget.hasTime(clock.now())).to.equal(true);
    await clock.advance(0n);
    expect({ immediates: clock.immediates, timers: clock.waits }).to.deep.equal({
      immediates: 0,
      timers: [],
    });
  });

  it('is shared by all queues of the process that have no budget of their own', async () => {
    const sender = new FakeSender(new FakeClock(), []);
    const [first, second] = [0, 1].map(() => new TransmitQueue(sender, newTransmitCounters()));
    // Real time: a new turn begins here, and only a lower bound counts.
    await new Promise((resolve) => setImmediate(resolve));
    const start = process.hrtime.bigint();
    expect(first?.canBypass).to.equal(true);
    while (process.hrtime.bigint() - start < 2n * MS);
    expect(second?.canBypass, 'after the first queue used up the time').to.equal(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(second?.canBypass, 'in the next turn').to.equal(true);
  });
});
