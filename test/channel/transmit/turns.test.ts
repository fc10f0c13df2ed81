import { expect } from 'chai';
import { TransmitQueue } from '../../../src/channel/transmit/queue';
import { newCounters } from '../../../src/raw/statistics';
import { Turns } from '../../../src/channel/transmit/turns';
import { FakeClock, MS } from '../../support/fakes/clock';
import { FakeOutlet } from '../../support/fakes/outlet';

/** Turns on a clock of the test. */
function bench(): { clock: FakeClock; turns: Turns } {
  const clock = new FakeClock();
  return { clock, turns: new Turns(clock) };
}

describe('Turns', () => {
  it('grant 1 ms from the first question, and 1 ms again in the next turn of the event loop', async () => {
    const { clock, turns } = bench();
    for (let turn = 0; turn < 3; turn++) {
      expect(turns.hasTime(clock.now()), 'at the beginning').to.equal(true);
      clock.spend(MS);
      expect(turns.hasTime(clock.now()), 'after 1 ms').to.equal(true);
      clock.spend(1n);
      expect(turns.hasTime(clock.now()), 'after 1 ms and 1 ns').to.equal(false);
      await clock.turn();
    }
  });

  it('run the waiting functions one after the other, although each uses up a whole turn', async () => {
    const { clock, turns } = bench();
    const order: string[] = [];
    const greedy = (name: string): (() => void) => {
      const run = (): void => {
        order.push(`${name} in turn ${clock.turns}`);
        clock.spend(2n * MS);
        turns.wait(run);
      };
      return run;
    };
    expect(turns.hasTime(clock.now())).to.equal(true);
    for (const name of ['a', 'b', 'c']) turns.wait(greedy(name));
    for (let turn = 0; turn < 6; turn++) await clock.turn();
    expect(order).to.deep.equal(['a', 'b', 'c', 'a', 'b', 'c'].map((name, at) => `${name} in turn ${at + 1}`));
  });

  it('run all waiting functions in one turn when there is time for them', async () => {
    const { clock, turns } = bench();
    const order: string[] = [];
    expect(turns.hasTime(clock.now())).to.equal(true);
    for (const name of ['a', 'b', 'c']) turns.wait(() => order.push(name));
    await clock.turn();
    expect(order).to.deep.equal(['a', 'b', 'c']);
  });

  it('do not run a forgotten function, even if another one forgets it in the same turn', async () => {
    const { clock, turns } = bench();
    const ran: string[] = [];
    const second = (): unknown => ran.push('second');
    expect(turns.hasTime(clock.now())).to.equal(true);
    turns.wait(() => {
      ran.push('first');
      turns.forget(second);
    });
    turns.wait(second);
    await clock.advance(MS);
    expect(ran).to.deep.equal(['first']);
  });

  it('leave the event loop idle when nobody sends', async () => {
    const { clock, turns } = bench();
    expect(turns.hasTime(clock.now())).to.equal(true);
    await clock.advance(0n);
    expect({ immediates: clock.immediates, timers: clock.waits }).to.deep.equal({
      immediates: 0,
      timers: [],
    });
  });

  it('are shared by all queues of the process that are not given their own', async () => {
    const outlet = new FakeOutlet(new FakeClock(), []);
    const [first, second] = [0, 1].map(() => new TransmitQueue(outlet, newCounters()));
    // Real time: a new turn begins here, and only a lower bound counts.
    await new Promise((resolve) => setImmediate(resolve));
    const start = process.hrtime.bigint();
    expect(first?.canHand).to.equal(true);
    while (process.hrtime.bigint() - start < 2n * MS);
    expect(second?.canHand, 'after the first queue used up the time').to.equal(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(second?.canHand, 'in the next turn').to.equal(true);
  });
});
