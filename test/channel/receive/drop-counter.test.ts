import { expect } from 'chai';
import * as fc from 'fast-check';
import { DropCounter } from '../../../src/channel/receive/drop-counter';

describe('DropCounter', () => {
  it('adds up the differences of cumulative counts, also when they wrap at 2**32', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 2 ** 31 }), { maxLength: 20 });
    fc.assert(
      fc.property(steps, (dropped) => {
        const counter = new DropCounter();
        let total = 0;
        for (const each of dropped) {
          total += each;
          const count = total % 2 ** 32;
          fc.pre(count !== 0 || total === 0);
          counter.add(count);
        }
        expect(counter.total).to.equal(total);
      }),
    );
  });

  it('ignores a count of 0, which the kernel does not attach', () => {
    const counter = new DropCounter();
    counter.add(5);
    counter.add(0);
    counter.add(5);
    expect(counter.total).to.equal(5);
  });

  it('counts a new socket from 0', () => {
    const counter = new DropCounter();
    counter.add(5);
    counter.restart();
    counter.add(2);
    expect(counter.total).to.equal(7);
  });
});
