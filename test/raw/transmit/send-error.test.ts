import { expect } from 'chai';
import { SocketCANError } from '../../../src/errors';
import { DataFrame } from '../../../src/frame/data-frame';
import { FrameFormat } from '../../../src/frame/format';
import { RemoteFrame } from '../../../src/frame/remote-frame';
import { EINVAL, EMSGSIZE, ENXIO } from '../../../src/libc/errno';
import { sendError, type RefusedSend } from '../../../src/raw/transmit/send-error';
import type { SendResult } from '../../../src/send-result';

const classic = new DataFrame(FrameFormat.Base, 1, new Uint8Array(8));
const fd = new DataFrame(FrameFormat.Base, 1, new Uint8Array(8), { fd: true });

/** The error for a frame refused with EINVAL after `sent` of five frames. */
function errorOf(more: Partial<RefusedSend>, sent = 0): Error {
  const result: SendResult = { sent, expired: 0, refused: 5 - sent, purged: 0, confirmed: 0 };
  const refused = { errno: -EINVAL, syscall: 'sendmmsg', frame: classic, interfaceName: 'can3', mtu: 16 } as const;
  return sendError({ ...refused, ...more }, result);
}

describe('sendError', () => {
  it("returns the system's error with the call, the interface and the number of sent frames", () => {
    for (const syscall of ['send', 'sendmmsg'] as const) {
      expect(errorOf({ syscall }, 3)).to.include({
        code: 'EINVAL',
        errno: -EINVAL,
        syscall,
        interface: 'can3',
        sent: 3,
      });
    }
  });

  it('reports for a CAN FD frame that the MTU of the interface is too small', () => {
    for (const errno of [EINVAL, EMSGSIZE]) {
      const error = errorOf({ errno: -errno, frame: fd }, 2);
      expect(error).to.be.instanceOf(SocketCANError);
      expect(error).to.include({ code: 'ERR_SOCKETCAN_CONFIGURATION', interface: 'can3', sent: 2 });
      expect(error).to.have.property('result').that.includes({ sent: 2, refused: 3 });
      expect(error.message).to.contain('its MTU is 16, CAN FD needs 72').and.to.contain('MTU 8');
      expect(error.cause).to.include({ errno: -errno, syscall: 'sendmmsg' });
    }
  });

  it('reports for a CAN FD frame the likely reason when the MTU allows it or is unknown', () => {
    for (const mtu of [72, undefined]) {
      const error = errorOf({ frame: fd, mtu });
      expect(error).to.have.property('code', 'ERR_SOCKETCAN_CONFIGURATION');
      expect(error.message).to.contain('probably does not support CAN FD');
    }
  });

  it("returns the system's error for other reasons and other frames", () => {
    expect(errorOf({ errno: -ENXIO, frame: fd })).to.have.property('code', 'ENXIO');
    const remote = new RemoteFrame(FrameFormat.Base, 1);
    expect(errorOf({ frame: remote })).to.have.property('code', 'EINVAL');
  });
});
