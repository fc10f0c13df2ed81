import { expect } from 'chai';
import { EINVAL, EMSGSIZE, ENXIO } from '../../../src/libc/errno';
import { DataFrame } from '../../../src/frame/data-frame';
import { FrameFormat } from '../../../src/frame/format';
import { RemoteFrame } from '../../../src/frame/remote-frame';
import { SocketCANError } from '../../../src/errors';
import { refusal } from '../../../src/raw/transmit/refusal';
import type { SendResult } from '../../../src/send-result';

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
