import { expect } from 'chai';
import { DataFrame } from '../../src/frame/data-frame';
import { FrameFormat } from '../../src/frame/format';
import { RemoteFrame } from '../../src/frame/remote-frame';
import { asClassic, asFD, checkEnvelope } from '../../src/media/envelope';
import { thrown } from '../support/asserts/thrown';

const data = new Uint8Array([1, 2, 3]);
const classic = new DataFrame(FrameFormat.Extended, 5, data);

function expectInvalidFrame(call: () => unknown, type: typeof TypeError | typeof RangeError): Error {
  const error = thrown(call);
  expect(error, error.message).to.be.instanceOf(type);
  expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_FRAME');
  return error;
}

describe('checkEnvelope', () => {
  it('returns the envelope itself', () => {
    const envelope = { frame: classic, loopback: true };
    expect(checkEnvelope(envelope, 0)).to.equal(envelope);
  });

  it('rejects other values, with their index in the message', () => {
    const remote = new RemoteFrame(FrameFormat.Base, 1);
    const values = [
      undefined,
      null,
      classic,
      {},
      { frame: classic },
      { frame: classic, loopback: 1 },
      { frame: remote, loopback: false },
      { frame: { format: 11, identifier: 1, data }, loopback: false },
    ];
    for (const value of values) {
      const error = expectInvalidFrame(() => checkEnvelope(value, 3), TypeError);
      expect(error.message).to.match(/^Envelope 3 must be \{ frame: DataFrame, loopback: boolean \}; found /);
    }
  });
});

describe('asFD', () => {
  it('converts every frame to CAN FD, with the BRS of the media', () => {
    const frames = [
      classic,
      new DataFrame(FrameFormat.Base, 1, new Uint8Array(64)),
      new DataFrame(FrameFormat.Base, 1, data, { brs: true }),
      new DataFrame(FrameFormat.Base, 1, data, { fd: true, esi: true }),
    ];
    for (const brs of [true, false]) {
      for (const frame of frames) {
        const { format, identifier, esi } = frame;
        const made = asFD(frame, brs);
        expect(made).to.deep.include({ format, identifier, data: frame.data, fd: true, brs, esi });
      }
    }
  });

  it('returns a frame of that form itself', () => {
    const frame = new DataFrame(FrameFormat.Base, 1, data, { fd: true, brs: true });
    expect(asFD(frame, true)).to.equal(frame);
  });
});

describe('asClassic', () => {
  it('returns classic frames and rejects long CAN FD frames, with their index in the message', () => {
    expect(asClassic(classic, 0)).to.equal(classic);
    const fd = new DataFrame(FrameFormat.Base, 1, new Uint8Array(12));
    const error = expectInvalidFrame(() => asClassic(fd, 2), RangeError);
    expect(error.message).to.match(/^The frame of envelope 2 must have at most 8 bytes, .*classic CAN; found 12 bytes/);
  });
});
