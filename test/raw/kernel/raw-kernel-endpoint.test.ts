import { expect } from 'chai';
import { SOL_SOCKET, SO_ERROR } from '../../../src/libc/constants';
import { EBADF } from '../../../src/libc/errno';
import { getsockoptInt } from '../../../src/libc/socket';
import { openKernelEndpoint } from '../../../src/raw/kernel/open';
import { FakeKernel, OPTIONS } from '../../support/fakes/kernel-calls';
import { classicBytes, Pair } from '../../support/traffic/pairs';
import { thrown } from '../../support/asserts/thrown';

/** An endpoint on one end of a socket pair. After opening it makes real system calls, on a socket without CAN. */
function openOn(pair: Pair, name = 'lo', index = 1) {
  const { calls } = new FakeKernel();
  const own = { socket: () => pair.near, if_nametoindex: () => index };
  return openKernelEndpoint(name, OPTIONS, { ...calls, ...own });
}

describe('an open RawKernelEndpoint', () => {
  it('returns the current MTU of its interface, or undefined without the interface', () => {
    using pair = new Pair();
    expect(openOn(pair).mtu()).to.be.greaterThan(72);
    expect(openOn(pair, 'nosuchif0', 0x7ffffff0).mtu()).to.equal(undefined);
  });

  it("returns the current state of its interface, 'gone' without the interface", () => {
    using pair = new Pair();
    expect(openOn(pair).link()).to.be.oneOf(['up', 'down']);
    expect(openOn(pair, 'nosuchif0', 0x7ffffff0).link()).to.equal('gone');
  });

  it('returns the number of dropped frames that the kernel counts', () => {
    using pair = new Pair();
    const endpoint = openOn(pair);
    pair.send(classicBytes(1));
    expect(endpoint.drops()).to.equal(0);
  });

  it('returns undefined for the dropped frames when the descriptor is closed', () => {
    using pair = new Pair();
    const endpoint = openOn(pair);
    pair.closeNear();
    expect(endpoint.drops()).to.equal(undefined);
  });

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

  it('closes its descriptor', () => {
    using pair = new Pair();
    const endpoint = openOn(pair);
    endpoint.close();
    expect(getsockoptInt(pair.near, SOL_SOCKET, SO_ERROR)).to.equal(-EBADF);
  });
});
