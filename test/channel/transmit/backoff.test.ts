import { expect } from 'chai';
import { Backoff } from '../../../src/channel/transmit/backoff';
import { MS } from '../../support/fakes/clock';

describe('Backoff', () => {
  it('waits 1, 2, 4 and then always 4 ms for room', () => {
    const backoff = new Backoff(64);
    const waits = Array.from({ length: 5 }, () => {
      backoff.full(0n);
      return backoff.until;
    });
    expect(waits).to.deep.equal([1n, 2n, 4n, 4n, 4n].map((ms) => ms * MS));
  });

  it('waits 1 ms for room again after the kernel accepted items or the link was down', () => {
    for (const change of ['accepted', 'linkDown'] as const) {
      const backoff = new Backoff(64);
      for (let i = 0; i < 3; i++) backoff.full(0n);
      if (change === 'accepted') backoff.accepted(1);
      else backoff.linkDown(0n);
      backoff.full(0n);
      expect(backoff.until, change).to.equal(MS);
    }
  });

  it('waits 100 ms while the link is down', () => {
    const backoff = new Backoff(64);
    backoff.linkDown(5n);
    expect(backoff.until).to.equal(5n + 100n * MS);
  });

  it('ends the wait at exactly its time, or when it is ended', () => {
    const backoff = new Backoff(64);
    expect(backoff.waits(0n), 'at first').to.equal(false);
    backoff.full(0n);
    expect([MS - 1n, MS].map((now) => backoff.waits(now))).to.deep.equal([true, false]);
    expect(backoff.until).to.equal(undefined);
    backoff.full(0n);
    backoff.end();
    expect(backoff.waits(0n)).to.equal(false);
  });

  it('offers 16 items after a wait, and twice as many each time the kernel accepts all', () => {
    const backoff = new Backoff(64);
    expect(backoff.offer, 'at first').to.equal(64);
    backoff.full(0n);
    const offers = [backoff.offer];
    for (const count of [16, 31, 32, 64]) {
      backoff.accepted(count);
      offers.push(backoff.offer);
    }
    expect(offers).to.deep.equal([16, 32, 32, 64, 64]);
  });

  it('offers no more than a batch', () => {
    const backoff = new Backoff(4);
    backoff.full(0n);
    expect(backoff.offer).to.equal(4);
  });
});
