import { expect } from 'chai';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Turns } from '../../../src/socket/transmit/turns';
import { now } from '../../support/fakes/outlet';

/** Uses up the time of a turn. */
function work(turns: Turns): void {
  while (turns.hasTime(now()));
}

describe('the turns of sending', () => {
  it('have time that is used up, and again in the next', async () => {
    const turns = new Turns();
    work(turns);
    expect(turns.hasTime(now())).to.equal(false);
    await nextTurn();
    expect(turns.hasTime(now())).to.equal(true);
  });

  it('give each its time, however many want all of it', async () => {
    const turns = new Turns();
    const order: string[] = [];
    const greedy = (name: string): (() => void) => {
      const run = (): void => {
        order.push(name);
        work(turns);
        if (order.length < 6) turns.wait(run);
      };
      return run;
    };
    work(turns);
    for (const name of ['a', 'b', 'c']) turns.wait(greedy(name));
    for (let turn = 0; turn < 9; turn++) await nextTurn();
    expect(order.slice(0, 6)).to.deep.equal(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  it('are not given to who is forgotten, also by one before it in the same turn', async () => {
    const turns = new Turns();
    const ran: string[] = [];
    const second = (): unknown => ran.push('second');
    work(turns);
    turns.wait(() => {
      ran.push('first');
      turns.forget(second);
    });
    turns.wait(second);
    await nextTurn();
    await nextTurn();
    expect(ran).to.deep.equal(['first']);
  });
});
