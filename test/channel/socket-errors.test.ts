import { expect } from 'chai';
import { FATAL, PAUSES } from '../../src/channel/socket-errors';
import { EBADF, EBADFD, ENAVAIL, ENETDOWN, ENETRESET, ENETUNREACH, ENODEV, ENOLINK, ENXIO } from '../../src/libc/errno';

describe('the error numbers in PAUSES and FATAL', () => {
  it('are different', () => {
    expect([...PAUSES].filter((errno) => FATAL.has(errno))).to.deep.equal([]);
  });

  it('are exactly those at which pycyphal gives up', () => {
    const reference = [ENODEV, ENXIO, EBADF, EBADFD, ENAVAIL, ENETDOWN, ENETRESET, ENETUNREACH, ENOLINK];
    expect([...PAUSES, ...FATAL]).to.have.members(reference);
    expect(PAUSES.has(ENETDOWN)).to.equal(true);
  });
});
