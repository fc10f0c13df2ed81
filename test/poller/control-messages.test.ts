import { expect } from 'chai';
import { CMSG_LEN, CMSG_SPACE } from '../../src/libc/cmsg';
import {
  SOL_SOCKET,
  SO_RXQ_OVFL,
  SO_TIMESTAMP_NEW,
  SO_TIMESTAMPNS_NEW,
  SO_TIMESTAMPNS_OLD,
  SO_TIMESTAMP_OLD,
} from '../../src/libc/constants';
import { host } from '../../src/libc/layouts';
import { int64s, uint32, type ControlMessage } from '../support/fakes/control';
import { classicBytes } from '../support/traffic/pairs';
import { expectTimeOfReading, receiveWith } from '../support/traffic/receive-with';

const STAMP = { sec: 1_700_000_000n, ns: 123_456_789n };
const STAMP_NS = STAMP.sec * 1_000_000_000n + STAMP.ns;
const stamp: ControlMessage = {
  level: SOL_SOCKET,
  type: SO_TIMESTAMPNS_NEW,
  data: int64s(STAMP.sec, STAMP.ns),
};
const drops = (count: number): ControlMessage => ({
  level: SOL_SOCKET,
  type: SO_RXQ_OVFL,
  data: uint32(count),
});

describe('the control messages of a packet', () => {
  it('set its system time, in 64 bits of seconds and nanoseconds', () => {
    const { records } = receiveWith([[stamp]]);
    expect(records.map(({ systemNs }) => systemNs)).to.deep.equal([STAMP_NS]);
  });

  it('set its system time in the words of older kernels', () => {
    const { size, offset } = host.timespec;
    const data = host.timespec.make({ tv_sec: STAMP.sec, tv_nsec: STAMP.ns });
    expect([data.byteLength, offset.tv_nsec]).to.deep.equal([size, size / 2]);
    const { records } = receiveWith([[{ level: SOL_SOCKET, type: SO_TIMESTAMPNS_OLD, data }]]);
    expect(records[0]?.systemNs).to.equal(STAMP_NS);
  });

  it('set its system time in microseconds, in both widths', () => {
    const old = host.timeval.make({ tv_sec: STAMP.sec, tv_usec: 123_456n });
    const { records } = receiveWith([
      [{ level: SOL_SOCKET, type: SO_TIMESTAMP_NEW, data: int64s(STAMP.sec, 123_456n) }],
      [{ level: SOL_SOCKET, type: SO_TIMESTAMP_OLD, data: old }],
    ]);
    const expected = STAMP.sec * 1_000_000_000n + 123_456_000n;
    expect(records.map(({ systemNs }) => systemNs)).to.deep.equal([expected, expected]);
  });

  it('set a system time after 2038 and after 2106', () => {
    for (const sec of [2n ** 31n + 1n, 2n ** 32n + 1n]) {
      const { records } = receiveWith([[{ ...stamp, data: int64s(sec, 999_999_999n) }]]);
      expect(records[0]?.systemNs).to.equal(sec * 1_000_000_000n + 999_999_999n);
    }
  });

  it('set the drop count, before or after the time', () => {
    const { records } = receiveWith([[stamp, drops(7)], [drops(8), stamp], [stamp]]);
    expect(records.map((record) => record.drops)).to.deep.equal([7, 8, 0]);
    expect(records.map(({ systemNs }) => systemNs)).to.deep.equal([STAMP_NS, STAMP_NS, STAMP_NS]);
  });

  it('set drop counts up to 2**32 - 1', () => {
    const { records } = receiveWith([[stamp, drops(0xffff_ffff)]]);
    expect(records[0]?.drops).to.equal(0xffff_ffff);
  });

  it('are ignored when their level or type is unknown', () => {
    const { records } = receiveWith([
      [stamp, { level: 101, type: SO_TIMESTAMPNS_NEW, data: int64s(1n, 2n) }],
      [{ level: SOL_SOCKET, type: 9999, data: uint32(5) }, stamp, drops(3)],
    ]);
    expect(records.map(({ systemNs }) => systemNs)).to.deep.equal([STAMP_NS, STAMP_NS]);
    expect(records.map((record) => record.drops)).to.deep.equal([0, 3]);
  });

  it('leave the time of reading when they are missing', () => {
    expectTimeOfReading(receiveWith([[], []]));
    expectTimeOfReading(receiveWith([[]], { stamped: false }));
  });

  it('leave the time of reading and the frame when they are cut off', () => {
    for (const cut of [0, 8, 16, 24, CMSG_LEN(16) - 1]) {
      const received = receiveWith([[stamp]], { cut });
      expectTimeOfReading(received);
      expect(received.records[0]?.frame).to.deep.equal(classicBytes(0));
    }
  });

  it('keep the time when they are cut off behind it', () => {
    const { records } = receiveWith([[stamp, drops(9)]], { cut: CMSG_SPACE(16) + 4 });
    expect(records[0]).to.include({ systemNs: STAMP_NS, drops: 0 });
  });

  it('leave the time of reading when their time is too short or zero', () => {
    expectTimeOfReading(receiveWith([[{ ...stamp, data: int64s(1n) }], [{ ...stamp, data: int64s(0n, 0n) }]]));
  });

  it('do not apply to the next packet', () => {
    const received = receiveWith([[stamp, drops(5)], []]);
    expect(received.records[1]?.drops).to.equal(0);
    expectTimeOfReading({ ...received, records: received.records.slice(1) });
  });
});
