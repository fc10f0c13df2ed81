import { expect } from 'chai';
import { CMSG_LEN } from '../../src/libc/cmsg';
import { SOL_SOCKET, SO_RXQ_OVFL } from '../../src/libc/constants';
import { host } from '../../src/libc/layouts';
import { int64s, uint32, type ControlMessage } from '../support/fakes/control';
import { classicBytes } from '../support/traffic/pairs';
import { expectTimeOfReading, receiveWith } from '../support/traffic/receive-with';

const NS = 1_000_000_000n;
const SOFTWARE = [1_700_000_000n, 123_456_789n] as const;
const SOFTWARE_NS = SOFTWARE[0] * NS + SOFTWARE[1];
const HARDWARE = [77n, 999_999_999n] as const;
const HARDWARE_NS = 77n * NS + 999_999_999n;
const NONE = [0n, 0n] as const;

/** SCM_TIMESTAMPING_NEW, 65: a struct scm_timestamping64 of software, unused, hardware. */
const times = (...three: readonly (readonly [bigint, bigint])[]): ControlMessage => ({
  level: SOL_SOCKET,
  type: 65,
  data: int64s(...three.flat()),
});

/** SCM_TIMESTAMPING_OLD, 37: a struct scm_timestamping, of timespecs as this C library has them. */
const oldTimes = (...three: readonly (readonly [bigint, bigint])[]): ControlMessage => ({
  level: SOL_SOCKET,
  type: 37,
  data: Buffer.concat(three.map(([tv_sec, tv_nsec]) => host.timespec.make({ tv_sec, tv_nsec }))),
});

describe('the control messages of SO_TIMESTAMPING', () => {
  for (const [name, make] of Object.entries({ new: times, old: oldTimes })) {
    it(`set the system time and the hardware time, in the ${name} words`, () => {
      const { records } = receiveWith([[make(SOFTWARE, NONE, HARDWARE)]]);
      expect(records[0]).to.include({ systemNs: SOFTWARE_NS, hardwareNs: HARDWARE_NS });
    });

    it(`set no hardware time when the driver sets none, in the ${name} words`, () => {
      const { records } = receiveWith([[make(SOFTWARE, NONE, NONE)]]);
      expect(records[0]).to.include({ systemNs: SOFTWARE_NS, hardwareNs: 0n });
    });

    it(`leave the time of reading when there is only a hardware time, in the ${name} words`, () => {
      const received = receiveWith([[make(NONE, NONE, HARDWARE)]]);
      expect(received.records[0]?.hardwareNs).to.equal(HARDWARE_NS);
      expectTimeOfReading(received);
    });
  }

  it('are read without their unused second time', () => {
    const { records } = receiveWith([[times(SOFTWARE, [5n, 6n], NONE)]]);
    expect(records[0]).to.include({ systemNs: SOFTWARE_NS, hardwareNs: 0n });
  });

  it('set hardware times near zero and of any size', () => {
    const cases: readonly (readonly [bigint, bigint])[] = [
      [0n, 1n],
      [0n, 999_999_999n],
      [1n, 0n],
      [2n ** 31n, 5n],
      [2n ** 32n + 1n, 7n],
      [9_000_000_000n, 123_456_789n],
    ];
    const { records } = receiveWith(cases.map((each) => [times(SOFTWARE, NONE, each)]));
    expect(records.map(({ hardwareNs }) => hardwareNs)).to.deep.equal(cases.map(([sec, ns]) => sec * NS + ns));
  });

  it('do not change the monotonic time by the hardware time', () => {
    const far = [4_000_000_000n, 0n] as const;
    const { records, mono } = receiveWith([[times(NONE, NONE, far)], [times(NONE, NONE, NONE)]]);
    for (const { monotonicNs } of records) {
      expect(monotonicNs >= mono[0] && monotonicNs <= mono[1]).to.equal(true);
    }
  });

  it('set their times before or after a drop count', () => {
    const drops = { level: SOL_SOCKET, type: SO_RXQ_OVFL, data: uint32(7) };
    const all = times(SOFTWARE, NONE, HARDWARE);
    const { records } = receiveWith([
      [drops, all],
      [all, drops],
    ]);
    for (const record of records) {
      expect(record).to.include({ systemNs: SOFTWARE_NS, hardwareNs: HARDWARE_NS, drops: 7 });
    }
  });

  it('do not apply to the next packet', () => {
    const received = receiveWith([[times(SOFTWARE, NONE, HARDWARE)], []]);
    expect(received.records.map(({ hardwareNs }) => hardwareNs)).to.deep.equal([HARDWARE_NS, 0n]);
    expectTimeOfReading({ ...received, records: received.records.slice(1) });
  });

  it('set the times that are whole when they are too short', () => {
    const all = int64s(...SOFTWARE, ...NONE, ...HARDWARE);
    for (const size of [0, 8, 15, 16, 32, 40, 47]) {
      const message = { level: SOL_SOCKET, type: 65, data: all.slice(0, size) };
      const received = receiveWith([[message]]);
      expect(received.records[0]?.hardwareNs, `${size} bytes`).to.equal(0n);
      if (size < 16) expectTimeOfReading(received);
      else expect(received.records[0]?.systemNs, `${size} bytes`).to.equal(SOFTWARE_NS);
    }
  });

  it('leave the time of reading and the frame when they are cut off', () => {
    for (const cut of [0, 8, 16, CMSG_LEN(16), CMSG_LEN(48) - 1]) {
      const received = receiveWith([[times(SOFTWARE, NONE, HARDWARE)]], { cut });
      expectTimeOfReading(received);
      expect(received.records[0]?.hardwareNs).to.equal(0n);
      expect(received.records[0]?.frame).to.deep.equal(classicBytes(0));
    }
  });
});
