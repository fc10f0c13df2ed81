import { expect } from 'chai';
import * as libc from '../../src/libc';
import { openKernelEndpoint } from '../../src/socket/kernel-open';
import { FakeKernel, OPTIONS } from '../support/fakes/kernel-calls';
import { classicBytes, Pair } from '../support/traffic/pairs';
import { thrown } from '../support/asserts/thrown';

/** An endpoint on one end of a pair: what follows the opening are real system calls, on no CAN socket. */
function openOn(pair: Pair, name = 'lo', index = 1) {
  const { calls } = new FakeKernel();
  const own = { socket: () => pair.near, if_nametoindex: () => index };
  return openKernelEndpoint(name, OPTIONS, { ...calls, ...own });
}

describe('an open endpoint', () => {
  it('tells the MTU of its interface as it is now, or that it cannot be told', () => {
    using pair = new Pair();
    expect(openOn(pair).mtu()).to.be.greaterThan(72);
    expect(openOn(pair, 'nosuchif0', 0x7ffffff0).mtu()).to.equal(undefined);
  });

  it('tells the state of its interface as it is now, gone where there is none of its index', () => {
    using pair = new Pair();
    expect(openOn(pair).link()).to.be.oneOf(['up', 'down']);
    expect(openOn(pair, 'nosuchif0', 0x7ffffff0).link()).to.equal('gone');
  });

  it('tells the drops the kernel counts, 0 where nothing was dropped', () => {
    using pair = new Pair();
    const endpoint = openOn(pair);
    pair.send(classicBytes(1));
    expect(endpoint.drops()).to.equal(0);
  });

  it('cannot tell the drops, and throws nothing, when the descriptor is gone', () => {
    using pair = new Pair();
    const endpoint = openOn(pair);
    pair.closeNear();
    expect(endpoint.drops()).to.equal(undefined);
  });

  it('throws what the kernel says to its options, with the interface', () => {
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

  it('says that a frame is queued where the driver gives no echoes, or there is no interface', () => {
    using pair = new Pair();
    expect(openOn(pair).confirmation()).to.equal('queued');
    expect(openOn(pair, 'nosuchif0', 0x7ffffff0).confirmation()).to.equal('queued');
  });

  it('is closed by close()', () => {
    using pair = new Pair();
    const endpoint = openOn(pair);
    endpoint.close();
    expect(libc.getsockoptInt(pair.near, libc.SOL_SOCKET, libc.SO_ERROR)).to.equal(-libc.EBADF);
  });
});
