import { expect } from 'chai';
import * as fc from 'fast-check';
import { SOL_SOCKET, SO_SNDBUF } from '../../../src/libc/constants';
import { ENODEV, EBADF, EINVAL } from '../../../src/libc/errno';
import { setsockoptInt, getsockoptInt } from '../../../src/libc/socket';
import type { RawEndpointOptions } from '../../../src/raw/endpoint';
import { openKernelEndpoint } from '../../../src/raw/kernel/open';
import { FakeKernel, option, OPTIONS } from '../../support/fakes/kernel-calls';
import { Pair } from '../../support/traffic/pairs';
import { thrown } from '../../support/asserts/thrown';

const SEND = option(SOL_SOCKET, SO_SNDBUF);

/** The value that SO_SNDBUF is set to; undefined: it is not set. */
function asked(options: Partial<RawEndpointOptions>, answers: Readonly<Record<string, number>> = {}) {
  const kernel = new FakeKernel(answers);
  openKernelEndpoint('can7', { ...OPTIONS, ...options }, kernel.calls);
  return kernel.values.get(SEND);
}

/** The same for 'queue', with the default send buffer of the kernel and the queue length of the interface. */
const queue = (own: number, transmitQueueOf: number, canFD = true) =>
  asked({ canFD, sendBufferSize: 'queue' }, { [`get ${SEND}`]: own, transmitQueueOf });

describe('the send buffer of a socket', () => {
  it("keeps the kernel's default without the option", () => {
    const kernel = new FakeKernel();
    openKernelEndpoint('can7', OPTIONS, kernel.calls);
    expect(kernel.log.filter((line) => line.includes(SEND))).to.deep.equal([]);
    expect(kernel.log).to.not.include('transmitQueueOf can7');
  });

  it('has the given size', () => {
    for (const sendBufferSize of [1, 4096, 2 ** 30]) {
      expect(asked({ sendBufferSize })).to.equal(sendBufferSize);
    }
  });

  it("is half of what the interface's queue holds with 'queue': 516 bytes a frame, 460 without CAN FD", () => {
    expect(queue(212_992, 10)).to.equal(2580);
    expect(queue(212_992, 10, false)).to.equal(2300);
    expect(queue(212_992, 1)).to.equal(258);
  });

  it("is at most half of the kernel's default with 'queue', since the kernel doubles it", () => {
    expect(queue(212_992, 1000)).to.equal(106_496);
    expect(queue(2305, 1000)).to.equal(1152);
  });

  it("is min(((72 or 16) + 444) * length, default) / 2 with 'queue', rounded down", () => {
    const length = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 30 }), length, fc.boolean(), (own, txqueuelen, canFD) => {
        const bytes = ((canFD ? 72 : 16) + 444) * txqueuelen;
        expect(queue(own, txqueuelen, canFD)).to.equal(Math.floor((bytes < own ? bytes : own) / 2));
      }),
    );
  });

  it("keeps the kernel's default with 'queue' when the length is unknown or 0, or the size is unknown", () => {
    expect(queue(212_992, -ENODEV)).to.equal(undefined);
    expect(queue(212_992, 0)).to.equal(undefined);
    expect(queue(-EBADF, 10)).to.equal(undefined);
  });

  it('makes opening fail when the kernel refuses it, and the socket is closed', () => {
    const kernel = new FakeKernel({ [`set ${SEND}`]: -EINVAL });
    const error = thrown(() => openKernelEndpoint('can7', { ...OPTIONS, sendBufferSize: 5 }, kernel.calls));
    expect(error).to.include({ code: 'EINVAL', syscall: 'setsockopt', interface: 'can7' });
    expect(kernel.closes).to.equal(1);
  });

  it('is doubled by the real kernel', () => {
    using pair = new Pair();
    const { calls } = new FakeKernel();
    const own = { socket: () => pair.near, setsockoptInt: setsockoptInt };
    const can = (_fd: number, level: number, name: number, value: number): number =>
      level === SOL_SOCKET ? own.setsockoptInt(pair.near, level, name, value) : 0;
    openKernelEndpoint('can7', { ...OPTIONS, sendBufferSize: 50_000 }, { ...calls, ...own, setsockoptInt: can });
    expect(getsockoptInt(pair.near, SOL_SOCKET, SO_SNDBUF)).to.equal(100_000);
  });
});
