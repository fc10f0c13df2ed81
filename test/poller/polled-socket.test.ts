import { expect } from 'chai';
import { EAGAIN, EBADF } from '../../src/libc/errno';
import { recvmmsg } from '../../src/libc/message';
import { Ring } from '../../src/poller/ring';
import { ClockOffset } from '../../src/poller/clock-offset';
import { receiverCalls } from '../../src/poller/receiver';
import { PolledSocket } from '../../src/poller/polled-socket';
import { classicBytes, Pair } from '../support/traffic/pairs';
import { PACKET_RECORD, takeRecords } from '../support/traffic/records';

const ENOMEM = 12;
const EIO = 5;

/** A socket whose reads return these error numbers one after another, the last for ever; 0 reads the socket. */
class Bench implements Disposable {
  readonly pair = new Pair();
  readonly log: string[] = [];
  reads = 0;
  readonly socket: PolledSocket;

  constructor(...errors: readonly [number, ...number[]]) {
    const ring = Ring.create(128, PACKET_RECORD);
    const listener = {
      onRecords: () => this.log.push(`${takeRecords(ring).length} frames`),
      onError: (errno: number, _: bigint, final: boolean) => this.log.push(`${final ? 'final' : 'passing'} ${errno}`),
      onDrained: (ticket: number) => this.log.push(`drained ${ticket}`),
    };
    const call: typeof recvmmsg = (...args) => {
      const error = errors[Math.min(this.reads++, errors.length - 1)] as number;
      return error === 0 ? recvmmsg(...args) : -error;
    };
    const calls = { ...receiverCalls, recvmmsg: call };
    this.socket = new PolledSocket(this.pair.near, ring, 0n, new ClockOffset(), listener, 1, calls);
  }

  /** Reads until the socket is no longer open, 100 times at most. */
  readAll(): this {
    for (let turn = 0; turn < 100 && this.socket.read(); turn++);
    return this;
  }

  [Symbol.dispose](): void {
    this.pair[Symbol.dispose]();
  }
}

describe('PolledSocket', () => {
  it('reads 8 times when every read fails, then reports one final error and never reads again', () => {
    using bench = new Bench(ENOMEM);
    bench.readAll();
    expect(bench.reads).to.equal(8);
    expect(bench.log).to.deep.equal([`final ${ENOMEM}`]);
    expect(bench.socket.readable).to.equal(false);
    bench.readAll();
    expect(bench.reads).to.equal(8);
    expect(bench.log).to.have.lengthOf(1);
  });

  it('reports different errors in order after 8 failed reads, and only the last as final', () => {
    using bench = new Bench(EIO, ENOMEM);
    bench.readAll();
    expect(bench.reads).to.equal(8);
    expect(bench.log).to.deep.equal([`passing ${EIO}`, `final ${ENOMEM}`]);
  });

  for (const [what, errno] of [
    ['a frame', 0],
    ['an empty socket', EAGAIN],
  ] as const) {
    it(`counts failed reads from 0 again after ${what}`, () => {
      const seven = new Array<number>(7).fill(ENOMEM);
      using bench = new Bench(ENOMEM, ...seven.slice(1), errno, ...seven, EAGAIN);
      bench.pair.send(classicBytes(1));
      for (let turn = 0; turn < 3; turn++) expect(bench.socket.read()).to.equal(true);
      expect(bench.log).to.include(`passing ${ENOMEM}`);
      expect(bench.log).to.not.include(`final ${ENOMEM}`);
    });
  }

  it('reports EBADF as final at once', () => {
    using bench = new Bench(EBADF);
    bench.readAll();
    expect(bench.reads).to.equal(1);
    expect(bench.log).to.deep.equal([`final ${EBADF}`]);
  });
});
