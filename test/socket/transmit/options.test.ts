import { expect } from 'chai';
import { DataFrame, ErrorFrame, FrameFormat, RemoteFrame } from '../../../src/frame';
import { checkSend } from '../../../src/socket/transmit/options';
import { frames } from '../../support/fakes/outlet';
import { thrown, wrong } from '../../support/asserts/thrown';

const frame = new DataFrame(FrameFormat.Base, 1, new Uint8Array(0));
const MS = 1_000_000n;

function expectInvalid(
  call: () => unknown,
  type: typeof TypeError | typeof RangeError,
  code: string,
) {
  const error = thrown(call);
  expect(error, error.message).to.be.instanceOf(type);
  expect(error).to.have.property('code', `ERR_SOCKETCAN_INVALID_${code}`);
}

/** The wait the options ask for, in ms, seen from before and after. */
function wait(options: Parameters<typeof checkSend>[1]): [most: number, least: number] {
  const before = process.hrtime.bigint();
  const { deadlineNs } = checkSend(frame, options);
  const after = process.hrtime.bigint();
  return [Number(deadlineNs - before) / 1e6, Number(deadlineNs - after) / 1e6];
}

describe('checkSend', () => {
  it('takes one frame, or any iterable of frames, in order', () => {
    expect(checkSend(frame, {}).list).to.deep.equal([frame]);
    const list = frames(3);
    expect(checkSend(list, {}).list).to.deep.equal(list);
    expect(checkSend(new Set(list), {}).list).to.deep.equal(list);
    expect(checkSend(list.values(), {}).list).to.deep.equal(list);
    expect(checkSend([], {}).list).to.deep.equal([]);
  });

  it('takes frames of all kinds', () => {
    const all = [frame, new RemoteFrame(FrameFormat.Base, 1), new ErrorFrame(4, new Uint8Array(8))];
    expect(checkSend(all, {}).list).to.deep.equal(all);
  });

  it('keeps the list as it was, whatever becomes of the array', () => {
    const list = frames(2);
    const checked = checkSend(list, {});
    list.pop();
    expect(checked.list).to.have.length(2);
  });

  it('refuses what is no frame, naming the first', () => {
    for (const value of [undefined, null, 5, 'abc', {}, () => frame]) {
      expectInvalid(() => checkSend(wrong(value), {}), TypeError, 'FRAME');
    }
    const error = thrown(() => checkSend([frame, wrong('123#00'), wrong(5)], {}));
    expect(error.message).to.match(/^Frame 1 .*not 123#00$/);
  });

  it('wants one echo flag a frame, or one for all', () => {
    expect(checkSend(frames(2), {}).echo).to.equal(false);
    expect(checkSend(frames(2), { echo: true }).echo).to.equal(true);
    expect(checkSend(frames(2), { echo: [true, false] }).echo).to.deep.equal([true, false]);
    for (const echo of [[], [true], [true, true, true], wrong(1)]) {
      expectInvalid(() => checkSend(frames(2), { echo }), RangeError, 'OPTION');
    }
  });

  it('takes a wish for confirmations, which error frames have none of', () => {
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

  it('takes a deadline as it is', () => {
    for (const deadlineNs of [0n, -5n, 2n ** 80n]) {
      expect(checkSend(frame, { deadlineNs }).deadlineNs).to.equal(deadlineNs);
    }
  });

  it('makes a deadline of a timeout from now, 1 s unless told', () => {
    const cases: [Parameters<typeof checkSend>[1], number][] = [
      [{}, 1000],
      [{ timeoutMs: 0 }, 0],
      [{ timeoutMs: 0.5 }, 0.5],
      [{ timeoutMs: 86_400_000 }, 86_400_000],
    ];
    for (const [options, expected] of cases) {
      const [most, least] = wait(options);
      expect(most).to.be.at.least(expected);
      expect(least).to.be.at.most(expected);
    }
  });

  it('refuses deadlines and timeouts that are none, and both together', () => {
    for (const timeoutMs of [-1, NaN, Infinity, wrong('5'), 2 ** 53]) {
      expectInvalid(() => checkSend(frame, { timeoutMs }), RangeError, 'OPTION');
    }
    for (const deadlineNs of [5, '5', null]) {
      expectInvalid(() => checkSend(frame, { deadlineNs: wrong(deadlineNs) }), TypeError, 'OPTION');
    }
    const both = { deadlineNs: process.hrtime.bigint() + MS, timeoutMs: 1 };
    expectInvalid(() => checkSend(frame, both), TypeError, 'OPTION');
  });
});
