import { expect } from 'chai';
import { clock_gettime } from '../../../src/libc/clock';
import { CLOCK_REALTIME } from '../../../src/libc/constants';
import {
  ENODEV,
  ENXIO,
  EBADF,
  EBADFD,
  ENAVAIL,
  ENETDOWN,
  ENETRESET,
  ENETUNREACH,
  ENOLINK,
  EINVAL,
  EMSGSIZE,
} from '../../../src/libc/errno';
import { DataFrame } from '../../../src/frame/data-frame';
import { FrameFormat } from '../../../src/frame/format';
import { RemoteFrame } from '../../../src/frame/remote-frame';
import { SocketCANError } from '../../../src/errors';
import { FATAL, PAUSES, refusal } from '../../../src/raw/transmit/refusal';
import type { SendResult } from '../../../src/send-result';
import { timestampAt } from '../../../src/poller/timestamp';

const classic = new DataFrame(FrameFormat.Base, 1, new Uint8Array(8));
const fd = new DataFrame(FrameFormat.Base, 1, new Uint8Array(8), { fd: true });

/** The result of a call of five frames whose next frame after these was refused. */
const so = (sent: number): SendResult => ({
  sent,
  expired: 0,
  refused: 5 - sent,
  purged: 0,
  confirmed: 0,
});

describe('the error numbers in PAUSES and FATAL', () => {
  it('are different', () => {
    expect([...PAUSES].filter((errno) => FATAL.has(errno))).to.deep.equal([]);
  });

  it('are exactly those at which the reference implementation gives up', () => {
    const reference = [
      ENODEV,
      ENXIO,
      EBADF,
      EBADFD,
      ENAVAIL,
      ENETDOWN,
      ENETRESET,
      ENETUNREACH,
      ENOLINK,
    ];
    expect([...PAUSES, ...FATAL]).to.have.members(reference);
    expect(PAUSES.has(ENETDOWN)).to.equal(true);
  });
});

describe('timestampAt', () => {
  it('returns the same moment on both clocks', () => {
    const mono = process.hrtime.bigint() - 5_000_000_000n;
    const first = { mono: process.hrtime.bigint(), real: clock_gettime(CLOCK_REALTIME) };
    const { systemNs, monotonicNs } = timestampAt(mono);
    const last = { real: clock_gettime(CLOCK_REALTIME), mono: process.hrtime.bigint() };
    expect(monotonicNs).to.equal(mono);
    expect(systemNs >= first.real - (last.mono - mono)).to.equal(true);
    expect(systemNs <= last.real - (first.mono - mono)).to.equal(true);
  });
});

describe('refusal', () => {
  it("returns the system's error with the interface and the number of sent frames", () => {
    const error = refusal(-EINVAL, classic, so(3), 'can3', 16);
    expect(error).to.include({
      code: 'EINVAL',
      errno: -EINVAL,
      syscall: 'sendmmsg',
      interface: 'can3',
      sent: 3,
    });
  });

  it('reports for a CAN FD frame that the MTU of the interface is too small', () => {
    for (const errno of [EINVAL, EMSGSIZE]) {
      const what = so(2);
      const error = refusal(-errno, fd, what, 'can3', 16);
      expect(error).to.be.instanceOf(SocketCANError);
      expect(error).to.include({ code: 'ERR_SOCKETCAN_CONFIGURATION', interface: 'can3', sent: 2 });
      expect(error).to.have.property('result', what);
      expect(error.message).to.contain('its MTU is 16, CAN FD needs 72').and.to.contain('MTU 8');
      expect(error.cause).to.include({ errno: -errno, syscall: 'sendmmsg' });
    }
  });

  it('reports for a CAN FD frame the likely reason when the MTU allows it or is unknown', () => {
    for (const mtu of [72, undefined]) {
      const error = refusal(-EINVAL, fd, so(0), 'can3', mtu);
      expect(error).to.have.property('code', 'ERR_SOCKETCAN_CONFIGURATION');
      expect(error.message).to.contain('probably does not support CAN FD');
    }
  });

  it("returns the system's error for other reasons and other frames", () => {
    expect(refusal(-ENXIO, fd, so(0), 'can3', 16)).to.have.property('code', 'ENXIO');
    const remote = new RemoteFrame(FrameFormat.Base, 1);
    expect(refusal(-EINVAL, remote, so(0), 'can3', 16)).to.have.property('code', 'EINVAL');
  });
});
