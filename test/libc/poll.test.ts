import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { EFD_CLOEXEC, EFD_NONBLOCK, POLLIN, POLLNVAL } from '../../src/libc/constants';
import { libc, negativeErrno } from '../../src/libc/bindings';
import { EINTR, EAGAIN, EINVAL } from '../../src/libc/errno';
import { eventfd } from '../../src/libc/eventfd';
import { write, close } from '../../src/libc/file';
import { host } from '../../src/libc/layouts';
import { poll } from '../../src/libc/poll';
import { POLLHUP, POLLOUT } from '../support/headers/constants';
import { classicBytes, Pair } from '../support/traffic/pairs';
import { HANG_MS } from '../support/waiting/until';

/** Returns an array of struct pollfd. */
function pollfds(...entries: readonly (readonly [fd: number, events: number])[]): Uint8Array {
  return Buffer.concat(entries.map(([fd, events]) => host.pollfd.make({ fd, events })));
}

/** Returns the `revents` of an array of struct pollfd. */
function returned(fds: Uint8Array): number[] {
  const shorts = new Int16Array(Uint8Array.from(fds).buffer);
  return [...shorts.filter((_, index) => index % 4 === 3)];
}

describe('poll', () => {
  it('returns 0 after the timeout when nothing happens', () => {
    using pair = new Pair();
    const fds = pollfds([pair.near, POLLIN]);
    const start = process.hrtime.bigint();
    expect(poll(fds, 1, 20)).to.equal(0);
    expect(Number(process.hrtime.bigint() - start)).to.be.at.least(20e6);
    expect(returned(fds)).to.deep.equal([0]);
  });

  it('returns the events of each descriptor', () => {
    using pair = new Pair();
    using other = new Pair();
    pair.send(classicBytes(1));
    const fds = pollfds([pair.near, POLLIN | POLLOUT], [other.near, POLLIN], [other.far, POLLOUT]);
    expect(poll(fds, 3, -1)).to.equal(2);
    expect(returned(fds)).to.deep.equal([POLLIN | POLLOUT, 0, POLLOUT]);
  });

  it('reads only the given number of entries', () => {
    using pair = new Pair();
    pair.send(classicBytes(1));
    const fds = pollfds([pair.far, POLLIN], [pair.near, POLLIN]);
    expect(poll(fds, 1, 0)).to.equal(0);
    expect(poll(fds, 2, 0)).to.equal(1);
  });

  it('reports a closed descriptor and a closed other end', () => {
    using pair = new Pair();
    pair.closeNear();
    const fds = pollfds([pair.near, POLLIN], [pair.far, 0]);
    expect(poll(fds, 2, 0)).to.equal(2);
    expect(returned(fds)[0]).to.equal(POLLNVAL);
    expect((returned(fds)[1] as number) & POLLHUP).to.equal(POLLHUP);
  });

  /** Runs a call while a shell sends SIGUSR2 to this process every 0.1 s; with a negative number, until it returns. */
  async function underSignals(times: number, call: () => number): Promise<number> {
    const listener = () => undefined;
    process.on('SIGUSR2', listener);
    const signalled = once(process, 'SIGUSR2');
    const script = 'while [ $1 -ne $2 ]; do sleep 0.1; kill -USR2 $0; set -- $(($1 + 1)) $2; done';
    const shell = spawn('sh', ['-c', script, `${process.pid}`, '0', `${times}`]);
    const exited = once(shell, 'exit');
    try {
      return call();
    } finally {
      await signalled;
      if (times < 0) shell.kill();
      await exited;
      process.off('SIGUSR2', listener);
    }
  }

  it('continues its wait after a signal', async () => {
    const start = performance.now();
    expect(await underSignals(5, () => poll(new Uint8Array(0), 0, 300))).to.equal(0);
    expect(performance.now() - start).to.be.at.least(300);
  });

  it('of the C library returns EINTR after a signal', async () => {
    const call = () => negativeErrno(libc().poll(new Uint8Array(0), 0, HANG_MS));
    expect(await underSignals(-1, call)).to.equal(-EINTR);
  });
});

describe('eventfd', () => {
  it('is readable from the first count until it is full', () => {
    const fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    try {
      const fds = pollfds([fd, POLLIN]);
      expect(poll(fds, 1, 0)).to.equal(0);
      const most = new Uint8Array(new BigUint64Array([0xffff_ffff_ffff_fffen]).buffer);
      expect(write(fd, most)).to.equal(8);
      const one = new Uint8Array(new BigUint64Array([1n]).buffer);
      expect(write(fd, one)).to.equal(-EAGAIN);
      expect(poll(fds, 1, 0)).to.equal(1);
    } finally {
      close(fd);
    }
  });

  it('returns -EINVAL for unknown flags', () => {
    expect(eventfd(0, 0x4000)).to.equal(-EINVAL);
  });
});
