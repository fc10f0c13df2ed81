import { expect } from 'chai';
import { getEventListeners } from 'node:events';
import { Job } from '../../../src/channel/transmit/job';
import type { SendRequest } from '../../../src/channel/transmit/send-request';
import type { Confirmation, SendResult } from '../../../src/send-result';
import type { Timestamp } from '../../../src/timestamp';
import { items, request } from '../../support/fakes/transmit-queue';

const at = (ns: number): Timestamp => ({ systemNs: BigInt(ns), monotonicNs: BigInt(ns) });
const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

/** A job of this many items, and how its call ended. */
function open(count: number, more: Partial<SendRequest<number>> = {}, confirmation?: Confirmation) {
  const ends: (SendResult | Error)[] = [];
  const end = (value: SendResult | Error) => ends.push(value);
  return { job: new Job(request(items(count), more), confirmation, end, end), ends };
}

describe('Job', () => {
  it('counts the items still to send', () => {
    const { job } = open(5);
    expect(job.left).to.equal(5);
    job.sent = 2;
    expect(job.left).to.equal(3);
  });

  it('counts the items still to send as expired or refused, and purged ones apart', () => {
    const { job } = open(5);
    job.sent = 2;
    const counts = { sent: 2, purged: 0, confirmed: 0 };
    expect(job.result('expired')).to.deep.equal({ ...counts, expired: 3, refused: 0 });
    expect(job.result('refused')).to.deep.equal({ ...counts, expired: 0, refused: 3 });
    expect([job.purge(), job.purge(), job.left]).to.deep.equal([3, 0, 0]);
    expect(job.result('expired')).to.deep.equal({ ...counts, expired: 0, refused: 0, purged: 3 });
  });

  it('ends once: the first of resolve and reject counts', () => {
    const error = new Error('refused');
    const resolved = open(1);
    resolved.job.resolve();
    resolved.job.resolve();
    resolved.job.reject(error);
    expect(resolved.ends).to.deep.equal([resolved.job.result('expired')]);
    const rejected = open(1);
    rejected.job.reject(error);
    rejected.job.resolve();
    expect(rejected.ends).to.deep.equal([error]);
  });

  it('wants the echoes of all items, of no item, or of the flagged ones', () => {
    const wanted = (echo: boolean | readonly boolean[]) =>
      [0, 1, 2].map((index) => open(3, { echo }).job.wantsEcho(index));
    expect(wanted(true)).to.deep.equal([true, true, true]);
    expect(wanted(false)).to.deep.equal([false, false, false]);
    expect(wanted([false, true])).to.deep.equal([false, true, false]);
  });
});

describe('Job with confirm', () => {
  it('awaits the echo of every sent item, and reports when the last one arrived or was given up', () => {
    const { job } = open(3, { confirm: true });
    let calls = 0;
    job.onEchoed = () => calls++;
    expect(job.awaitsEchoes).to.equal(false);
    job.sent = 2;
    expect(job.awaitsEchoes).to.equal(true);
    job.echoed(0, at(1));
    expect([job.awaitsEchoes, calls]).to.deep.equal([true, 0]);
    job.echoed(1, undefined);
    expect([job.awaitsEchoes, calls]).to.deep.equal([false, 1]);
  });

  it('awaits no echoes without confirm', () => {
    const { job } = open(3);
    job.sent = 3;
    expect(job.awaitsEchoes).to.equal(false);
  });

  it('returns the time of each echo by index, and counts those that arrived', () => {
    const { job } = open(4, { confirm: true }, 'bus');
    job.sent = 3;
    job.echoed(1, at(20));
    job.echoed(0, undefined);
    expect(job.result('expired')).to.deep.equal({
      sent: 3,
      expired: 1,
      refused: 0,
      purged: 0,
      confirmed: 1,
      confirmations: [undefined, at(20), undefined],
      confirmation: 'bus',
    });
  });

  it('returns no confirmations without confirm, or when their meaning is unknown', () => {
    for (const { job } of [open(1, {}, 'bus'), open(1, { confirm: true })]) {
      job.sent = 1;
      job.echoed(0, at(1));
      expect(job.result('expired')).to.not.have.any.keys('confirmations', 'confirmation');
    }
  });
});

describe('Job with a signal', () => {
  it('calls back when the signal is aborted, and rejects with the result so far', () => {
    const controller = new AbortController();
    const { job, ends } = open(3, { signal: controller.signal });
    job.watchSignal(() => {
      job.rejectAborted();
    });
    job.sent = 1;
    expect([job.isAborted, ends.length]).to.deep.equal([false, 0]);
    controller.abort('why');
    expect(job.isAborted).to.equal(true);
    expect(ends).to.have.lengthOf(1);
    expect(ends[0]).to.include({ name: 'AbortError', code: 'ABORT_ERR', cause: 'why', sent: 1 });
    expect(ends[0]).to.deep.include({ result: job.result('refused') });
    expect(job.result('refused').refused).to.equal(2);
  });

  for (const end of ['resolve', 'reject'] as const) {
    it(`no longer watches the signal after ${end}`, () => {
      const controller = new AbortController();
      const { job } = open(1, { signal: controller.signal });
      let calls = 0;
      job.watchSignal(() => calls++);
      expect(listeners(controller.signal)).to.equal(1);
      if (end === 'resolve') job.resolve();
      else job.reject(new Error('refused'));
      expect(listeners(controller.signal)).to.equal(0);
      controller.abort();
      expect(calls).to.equal(0);
    });
  }

  it('is not aborted, and watches nothing, without a signal', () => {
    const { job } = open(1);
    job.watchSignal(() => expect.fail('called'));
    expect(job.isAborted).to.equal(false);
  });
});
