import { expect } from 'chai';
import { omitUndefined } from '../../src/netlink/omit-undefined';

describe('omitUndefined', () => {
  it('removes undefined properties, and keeps 0, false, empty and null ones', () => {
    const values = { a: undefined, b: 0, c: false, d: '', e: null };
    expect(omitUndefined(values)).to.deep.equal({ b: 0, c: false, d: '', e: null });
    expect('a' in omitUndefined(values)).to.equal(false);
  });
});
