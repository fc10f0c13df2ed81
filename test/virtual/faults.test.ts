import { expect } from 'chai';
import { checkFaults } from '../../src/virtual/faults';
import { thrown, wrong } from '../support/asserts/thrown';

describe('checkFaults', () => {
  it('accepts probabilities and a time', () => {
    for (const good of [
      {},
      { drop: 0 },
      { drop: 1, duplicate: 0.5 },
      { reorder: 0.3, delay: 0.4, delayNs: 1000 },
      { delayNs: 0 },
    ]) {
      expect(checkFaults(good)).to.deep.equal(good);
    }
    expect(checkFaults(wrong({ drop: undefined }))).to.deep.equal({ drop: undefined });
  });

  const code = 'ERR_SOCKETCAN_INVALID_OPTION';
  for (const kind of ['drop', 'duplicate', 'reorder', 'delay']) {
    it(`rejects an invalid probability of ${kind}, with its name in the message`, () => {
      for (const bad of [-0.1, 1.1, NaN, Infinity, '0.5', null, true, {}, 1n]) {
        const error = thrown(() => checkFaults(wrong({ [kind]: bad })));
        expect(error).to.include({ code, name: typeof bad === 'number' ? 'RangeError' : 'TypeError' });
        expect(error.message).to.include(`The fault ${kind} must be a probability from 0 to 1; found `);
      }
    });
  }

  it('rejects an invalid time and unknown faults, with their names in the message', () => {
    for (const bad of [-1, 0.5, NaN, 2 ** 53, '1', null, 5n]) {
      const error = thrown(() => checkFaults(wrong({ delayNs: bad })));
      expect(error).to.include({ code, name: typeof bad === 'number' ? 'RangeError' : 'TypeError' });
      expect(error.message).to.include('The fault delayNs must be an integer from 0 to ');
    }
    const error = thrown(() => checkFaults(wrong({ dropp: 0.5 })));
    expect(error).to.include({ code, name: 'RangeError' });
    expect(error.message).to.match(/^The name of a fault must be one of 'drop', .*; found "dropp"$/);
  });

  it('rejects everything but an object', () => {
    for (const bad of [null, 0.5, 'drop', undefined]) {
      expect(thrown(() => checkFaults(wrong(bad)))).to.include({ code, name: 'TypeError' });
    }
  });
});
