import { expect } from 'chai';
import { DataFrame } from '../../../src/frame/data-frame';
import { ErrorFrame } from '../../../src/frame/error-frame';
import { FrameFormat } from '../../../src/frame/format';
import { RemoteFrame } from '../../../src/frame/remote-frame';
import { checkSend } from '../../../src/raw/transmit/send-options';
import { FakeClock, MS } from '../../support/fakes/clock';
import { frames } from '../../support/traffic/frames';
import { thrown, wrong } from '../../support/asserts/thrown';

const frame = new DataFrame(FrameFormat.Base, 1, new Uint8Array(0));

function expectInvalid(call: () => unknown, type: typeof TypeError | typeof RangeError, code: string) {
  const error = thrown(call);
  expect(error, error.message).to.be.instanceOf(type);
  expect(error).to.have.property('code', `ERR_SOCKETCAN_INVALID_${code}`);
}

describe('checkSend', () => {
  it('accepts one frame, or any iterable of frames, in order', () => {
    expect(checkSend(frame, {}).items).to.deep.equal([frame]);
    const list = frames(3);
    expect(checkSend(list, {}).items).to.deep.equal(list);
    expect(checkSend(new Set(list), {}).items).to.deep.equal(list);
    expect(checkSend(list.values(), {}).items).to.deep.equal(list);
    expect(checkSend([], {}).items).to.deep.equal([]);
  });

  it('accepts frames of all kinds', () => {
    const all = [frame, new RemoteFrame(FrameFormat.Base, 1), new ErrorFrame(4, new Uint8Array(8))];
    expect(checkSend(all, {}).items).to.deep.equal(all);
  });

  it('copies the list, so that later changes of the array have no effect', () => {
    const list = frames(2);
    const checked = checkSend(list, {});
    list.pop();
    expect(checked.items).to.have.length(2);
  });

  it('refuses values that are not frames, and names the first', () => {
    for (const value of [undefined, null, 5, 'abc', {}, () => frame]) {
      expectInvalid(() => checkSend(wrong(value), {}), TypeError, 'FRAME');
    }
    const error = thrown(() => checkSend([frame, wrong('123#00'), wrong(5)], {}));
    expect(error.message).to.match(/^Frame 1 must be a DataFrame, .*; found "123#00"$/);
  });

  it('accepts one echo flag for all frames, or one for each', () => {
    expect(checkSend(frames(2), {}).echo).to.equal(false);
    expect(checkSend(frames(2), { echo: true }).echo).to.equal(true);
    expect(checkSend(frames(2), { echo: [true, false] }).echo).to.deep.equal([true, false]);
    for (const echo of [[], [true], [true, true, true]]) {
      expectInvalid(() => checkSend(frames(2), { echo }), RangeError, 'OPTION');
    }
    for (const echo of [1, 'no', { length: 2 }]) {
      expectInvalid(() => checkSend(frames(2), { echo: wrong(echo) }), TypeError, 'OPTION');
    }
  });

  it('accepts confirm, except for error frames', () => {
    expect(checkSend(frames(2), {}).confirm).to.equal(false);
    expect(checkSend(frames(2), { confirm: true }).confirm).to.equal(true);
    const list = [frame, new ErrorFrame(4, new Uint8Array(8))];
    expectInvalid(() => checkSend(list, { confirm: true }), RangeError, 'FRAME');
    expect(checkSend(list, { echo: true }).confirm).to.equal(false);
  });

  it('returns the deadline, the timeout on the given clock, and the signal', () => {
    const clock = new FakeClock();
    const { signal } = new AbortController();
    expect(checkSend(frame, { deadlineNs: 5n, signal })).to.include({ deadlineNs: 5n, signal });
    expect(checkSend(frame, { timeoutMs: 3 }, clock).deadlineNs).to.equal(clock.now() + 3n * MS);
  });
});
