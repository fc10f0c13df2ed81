import { expect } from 'chai';
import { openKernelEndpoint } from '../../../src/raw/kernel/open';
import { FakeKernel, OPTIONS } from '../../support/fakes/kernel-calls';
import { Pair } from '../../support/traffic/pairs';
import { thrown } from '../../support/asserts/thrown';

/** An endpoint on one end of a socket pair. After opening it makes real system calls, on a socket without CAN. */
function openOn(pair: Pair, name = 'lo', index = 1) {
  const { calls } = new FakeKernel();
  const own = { socket: () => pair.near, if_nametoindex: () => index };
  return openKernelEndpoint(name, OPTIONS, { ...calls, ...own });
}

describe('an open RawKernelEndpoint', () => {
  it('throws the error of setsockopt() with the interface', () => {
    using pair = new Pair();
    const endpoint = openOn(pair);
    const attempts = [
      () => {
        endpoint.setFilters(new Uint8Array(8));
      },
      () => {
        endpoint.setErrorMask(4);
      },
      () => {
        endpoint.setReceiveOwn(true);
      },
    ];
    for (const attempt of attempts) {
      const error = thrown(attempt);
      expect(error).to.include({ syscall: 'setsockopt', interface: 'lo' });
      expect(error['code']).to.be.oneOf(['EOPNOTSUPP', 'ENOPROTOOPT']);
    }
  });

  it("returns the confirmation 'queued' when the driver gives no echoes, or without the interface", () => {
    using pair = new Pair();
    expect(openOn(pair).confirmation()).to.equal('queued');
    expect(openOn(pair, 'nosuchif0', 0x7ffffff0).confirmation()).to.equal('queued');
  });
});
