import { expect } from 'chai';
import { Batch } from '../../../src/channel/transmit/batch';
import { Job } from '../../../src/channel/transmit/job';
import { request } from '../../support/fakes/transmit-queue';

const jobOf = (...items: readonly string[]): Job<string> =>
  new Job(
    request(items),
    undefined,
    () => undefined,
    () => undefined,
  );

describe('Batch', () => {
  it('is empty at first', () => {
    expect(new Batch<string>().count).to.equal(0);
  });

  it('returns the call, the index and the item of each place, in order', () => {
    const [a, b] = [jobOf('a0', 'a1'), jobOf('b0')];
    const batch = new Batch<string>();
    batch.add(a, 1);
    batch.add(b, 0);
    batch.add(a, 0);
    expect(batch.count).to.equal(3);
    const places = [0, 1, 2];
    expect(places.map((place) => batch.item(place))).to.deep.equal(['a1', 'b0', 'a0']);
    expect(places.map((place) => batch.index(place))).to.deep.equal([1, 0, 0]);
    expect(places.map((place) => batch.job(place) === a)).to.deep.equal([true, false, true]);
  });

  it('holds only the items that were added after clear()', () => {
    const batch = new Batch<string>();
    batch.add(jobOf('a'), 0);
    batch.add(jobOf('b'), 0);
    batch.clear();
    expect(batch.count).to.equal(0);
    batch.add(jobOf('c', 'd'), 1);
    expect(batch.count).to.equal(1);
    expect(batch.item(0)).to.equal('d');
  });

  it('keeps no call after clear(), so that the garbage collector can free it', () => {
    const batch = new Batch<string>();
    for (let i = 0; i < 2; i++) batch.add(jobOf('a'), 0);
    batch.clear();
    expect([batch.job(0), batch.job(1)]).to.deep.equal([undefined, undefined]);
  });
});
