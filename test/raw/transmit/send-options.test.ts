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
    for (const confirm of [1, 'yes', null, [true, true]]) {
      const call = () => checkSend(frames(2), { confirm: wrong(confirm) });
      if (confirm === null) expect(call().confirm).to.equal(false);
      else expectInvalid(call, TypeError, 'OPTION');
    }
    const list = [frame, new ErrorFrame(4, new Uint8Array(8))];
    expectInvalid(() => checkSend(list, { confirm: true }), RangeError, 'FRAME');
    expect(checkSend(list, { echo: true }).confirm).to.equal(false);
  });

  it('returns a given deadline unchanged', () => {
    for (const deadlineNs of [0n, -5n, 2n ** 80n]) {
      expect(checkSend(frame, { deadlineNs }).deadlineNs).to.equal(deadlineNs);
    }
  });

  it('computes the deadline from the timeout, 1 s by default', () => {
    const cases: [Parameters<typeof checkSend>[1], bigint][] = [
      [{}, 1000n * MS],
      [{ timeoutMs: 0 }, 0n],
      [{ timeoutMs: 0.5 }, MS / 2n],
      [{ timeoutMs: 86_400_000 }, 86_400_000n * MS],
    ];
    const clock = new FakeClock();
    for (const [options, wait] of cases) {
      expect(checkSend(frame, options, clock).deadlineNs - clock.now()).to.equal(wait);
    }
  });

  it('counts the timeout on the clock of process.hrtime.bigint() by default', () => {
    const before = process.hrtime.bigint();
    const { deadlineNs } = checkSend(frame, { timeoutMs: 0 });
    expect(deadlineNs >= before && deadlineNs <= process.hrtime.bigint()).to.equal(true);
  });

  it('refuses invalid deadlines and timeouts, and both together', () => {
    for (const timeoutMs of [-1, NaN, Infinity, 2 ** 53]) {
      expectInvalid(() => checkSend(frame, { timeoutMs }), RangeError, 'OPTION');
    }
    expectInvalid(() => checkSend(frame, { timeoutMs: wrong('5') }), TypeError, 'OPTION');
    for (const deadlineNs of [5, '5', null]) {
      expectInvalid(() => checkSend(frame, { deadlineNs: wrong(deadlineNs) }), TypeError, 'OPTION');
    }
    const both = { deadlineNs: process.hrtime.bigint() + MS, timeoutMs: 1 };
    expectInvalid(() => checkSend(frame, both), TypeError, 'OPTION');
  });
});
