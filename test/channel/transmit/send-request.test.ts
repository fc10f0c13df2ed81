import { expect } from 'chai';
import { checkSendControl } from '../../../src/channel/transmit/send-request';
import { thrown } from '../../support/asserts/thrown';
import { FakeClock, MS } from '../../support/fakes/clock';

function expectInvalid(options: Parameters<typeof checkSendControl>[0], name: string, message: string) {
  const error = thrown(() => checkSendControl(options));
  expect(error).to.include({ name, code: 'ERR_SOCKETCAN_INVALID_OPTION' });
  expect(error.message).to.contain(message);
}

describe('checkSendControl', () => {
  it('returns a given deadline unchanged', () => {
    for (const deadlineNs of [0n, -5n, 2n ** 80n]) {
      expect(checkSendControl({ deadlineNs }).deadlineNs).to.equal(deadlineNs);
    }
  });

  it('computes the deadline from the timeout, 1 s by default', () => {
    const clock = new FakeClock();
    for (const [timeoutMs, wait] of [
      [undefined, 1000n * MS],
      [0, 0n],
      [0.5, MS / 2n],
      [86_400_000, 86_400_000n * MS],
    ] as const) {
      expect(checkSendControl({ timeoutMs }, clock).deadlineNs - clock.now()).to.equal(wait);
    }
  });

  it('counts the timeout on the clock of process.hrtime.bigint() by default', () => {
    const before = process.hrtime.bigint();
    const { deadlineNs } = checkSendControl({ timeoutMs: 0 });
    expect(deadlineNs >= before && deadlineNs <= process.hrtime.bigint()).to.equal(true);
  });

  it('refuses invalid timeouts', () => {
    const rule = 'The option timeoutMs must be a number of ms from 0 to 9007199254; found ';
    for (const timeoutMs of [-1, NaN, Infinity]) expectInvalid({ timeoutMs }, 'RangeError', `${rule}${timeoutMs}`);
    expectInvalid({ timeoutMs: 9_007_199_255 }, 'RangeError', rule);
    expectInvalid({ timeoutMs: '5' }, 'TypeError', `${rule}"5"`);
  });

  it('refuses deadlines that are not bigints', () => {
    const rule = 'The option deadlineNs must be a bigint; found ';
    expectInvalid({ deadlineNs: 5 }, 'TypeError', `${rule}5`);
    expectInvalid({ deadlineNs: '5' }, 'TypeError', `${rule}"5"`);
    expectInvalid({ deadlineNs: null }, 'TypeError', `${rule}null`);
  });

  it('refuses a deadline together with a timeout', () => {
    expectInvalid({ deadlineNs: 1n, timeoutMs: 1 }, 'TypeError', 'deadlineNs and timeoutMs exclude each other');
  });

  it('returns confirm, false by default, and refuses other types', () => {
    expect(checkSendControl({}).confirm).to.equal(false);
    expect(checkSendControl({ confirm: true }).confirm).to.equal(true);
    for (const confirm of [1, 'yes', [true, true]])
      expectInvalid({ confirm }, 'TypeError', 'The option confirm must be');
  });

  it('returns the signal, and refuses other objects', () => {
    const { signal } = new AbortController();
    expect(checkSendControl({ signal }).signal).to.equal(signal);
    for (const other of [null, {}, true]) expectInvalid({ signal: other }, 'TypeError', 'The option signal must be');
  });
});
