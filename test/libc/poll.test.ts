import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import * as libc from '../../src/libc';
import { libc as raw, negated } from '../../src/libc/bindings';
import { classicBytes, Pair } from '../support/traffic/pairs';

const { EINTR, host, poll, POLLHUP, POLLIN, POLLNVAL, POLLOUT } = libc;

/** pollfds in a row. */
function pollfds(...entries: readonly (readonly [fd: number, events: number])[]): Uint8Array {
  return Buffer.concat(entries.map(([fd, events]) => host.pollfd.make({ fd, events })));
}

function returned(fds: Uint8Array): number[] {
  const shorts = new Int16Array(Uint8Array.from(fds).buffer);
  return [...shorts.filter((_, index) => index % 4 === 3)];
}

describe('poll', () => {
  it('returns 0 when the time is over and nothing has happened', () => {
    using pair = new Pair();
    const fds = pollfds([pair.near, POLLIN]);
    const start = process.hrtime.bigint();
    expect(poll(fds, 1, 20)).to.equal(0);
    expect(Number(process.hrtime.bigint() - start)).to.be.at.least(20e6);
    expect(returned(fds)).to.deep.equal([0]);
  });

  it('tells which descriptors have what', () => {
    using pair = new Pair();
    using other = new Pair();
    pair.send(classicBytes(1));
    const fds = pollfds([pair.near, POLLIN | POLLOUT], [other.near, POLLIN], [other.far, POLLOUT]);
    expect(poll(fds, 3, -1)).to.equal(2);
    expect(returned(fds)).to.deep.equal([POLLIN | POLLOUT, 0, POLLOUT]);
  });

  it('looks at no more entries than it is told', () => {
    using pair = new Pair();
    pair.send(classicBytes(1));
    const fds = pollfds([pair.far, POLLIN], [pair.near, POLLIN]);
    expect(poll(fds, 1, 0)).to.equal(0);
    expect(poll(fds, 2, 0)).to.equal(1);
  });

  it('tells of a closed descriptor and of a closed other end', () => {
    using pair = new Pair();
    pair.closeNear();
    const fds = pollfds([pair.near, POLLIN], [pair.far, 0]);
    expect(poll(fds, 2, 0)).to.equal(2);
    expect(returned(fds)[0]).to.equal(POLLNVAL);
    expect((returned(fds)[1] as number) & POLLHUP).to.equal(POLLHUP);
  });

  it('waits on after a signal, which in C ends the wait with EINTR', async () => {
    const listener = () => undefined;
    process.on('SIGUSR2', listener);
    try {
      for (const restarts of [false, true]) {
        const signalled = once(process, 'SIGUSR2');
        const shell = spawn('sh', [
          '-c',
          `for i in 1 2 3 4 5; do sleep 0.2; kill -USR2 ${process.pid}; done`,
        ]);
        const exited = once(shell, 'exit');
        const result = restarts
          ? poll(new Uint8Array(0), 0, 1000)
          : negated(raw().poll(new Uint8Array(0), 0, 5000));
        expect(result).to.equal(restarts ? 0 : -EINTR);
        await Promise.all([signalled, exited]);
      }
    } finally {
      process.off('SIGUSR2', listener);
    }
  });
});

describe('eventfd', () => {
  it('is readable from the first count on, and again when it is full', () => {
    const fd = libc.eventfd(0, libc.EFD_NONBLOCK | libc.EFD_CLOEXEC);
    try {
      const fds = pollfds([fd, POLLIN]);
      expect(poll(fds, 1, 0)).to.equal(0);
      const most = new Uint8Array(new BigUint64Array([0xffff_ffff_ffff_fffen]).buffer);
      expect(libc.write(fd, most)).to.equal(8);
      const one = new Uint8Array(new BigUint64Array([1n]).buffer);
      expect(libc.write(fd, one)).to.equal(-libc.EAGAIN);
      expect(poll(fds, 1, 0)).to.equal(1);
    } finally {
      libc.close(fd);
    }
  });

  it('says EINVAL for flags that do not exist', () => {
    expect(libc.eventfd(0, 0x4000)).to.equal(-libc.EINVAL);
  });
});
