import { expect } from 'chai';
import { DataFrame } from '../../src/frame/data-frame';
import { FrameFormat } from '../../src/frame/format';
import { RemoteFrame } from '../../src/frame/remote-frame';
import { asClassic, asFD, checkEnvelope, checkFunction, checkMTU, listOf } from '../../src/media/check';
import { thrown, wrong } from '../support/asserts/thrown';

const VALID = new Set([8, 64]);
const data = new Uint8Array([1, 2, 3]);
const classic = new DataFrame(FrameFormat.Extended, 5, data);

function expectInvalid(call: () => unknown, type: typeof TypeError | typeof RangeError, code: string) {
  const error = thrown(call);
  expect(error, error.message).to.be.instanceOf(type);
  expect(error).to.have.property('code', `ERR_SOCKETCAN_INVALID_${code}`);
  return error;
}

describe('checkMTU', () => {
  it('returns an MTU that is in the set', () => {
    expect([8, 64].map((mtu) => checkMTU(mtu, VALID))).to.deep.equal([8, 64]);
  });

  it('rejects other numbers with the message of the reference', () => {
    for (const mtu of [0, -8, 9, 72, NaN, Infinity, 8.5]) {
      const { message } = expectInvalid(() => checkMTU(mtu, VALID), RangeError, 'MTU');
      expect(message).to.equal(`Invalid MTU: ${mtu} not in {8, 64}`);
    }
  });

  it('rejects everything but a number', () => {
    for (const mtu of ['8', 8n, null, undefined, [8]]) {
      expectInvalid(() => checkMTU(mtu, VALID), TypeError, 'MTU');
    }
  });
});

describe('checkFunction', () => {
  it('accepts functions and rejects other values, with the name in the message', () => {
    checkFunction('handler', () => undefined);
    for (const value of [undefined, null, {}, 'f']) {
      const error = expectInvalid(
        () => {
          checkFunction('handler', value);
        },
        TypeError,
        'OPTION',
      );
      expect(error.message).to.contain('handler');
    }
  });
});

describe('listOf', () => {
  it('returns the elements of an iterable, in order', () => {
    expect(listOf('frames', new Set([3, 1, 2]))).to.deep.equal([3, 1, 2]);
    expect(listOf('frames', [1, 2].values())).to.deep.equal([1, 2]);
    expect(listOf('frames', [])).to.deep.equal([]);
  });

  it('rejects strings and values that are not iterable', () => {
    for (const value of [undefined, null, 5, {}, 'abc', classic]) {
      const error = expectInvalid(() => listOf('frames', wrong(value)), TypeError, 'OPTION');
      expect(error.message).to.contain('The frames must be iterable');
    }
  });
});

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
      const error = expectInvalid(() => checkEnvelope(value, 3), TypeError, 'FRAME');
      expect(error.message).to.match(/^Envelope 3 /);
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
    const error = expectInvalid(() => asClassic(fd, 2), RangeError, 'FRAME');
    expect(error.message).to.contain('Envelope 2').and.to.contain('classic CAN');
  });
});
