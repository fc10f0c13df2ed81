import { expect } from 'chai';
import { EAGAIN, EINVAL } from '../../../src/libc';
import type { SendResult } from '../../../src/socket/transmit/result';
import type { Timestamp } from '../../../src/socket/timestamp';
import { closedError, far, frames, now, QueueBench } from '../../support/fakes/outlet';
import { sleep } from '../../support/processes/process';
import { rejection } from '../../support/asserts/thrown';

const at = (ns: number): Timestamp => ({ systemNs: BigInt(ns), monotonicNs: BigInt(ns) });
const confirm = { confirm: true };
const timers = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

/** A queue whose frames come back when they are told to. */
class EchoBench extends QueueBench {
  #told = 0;

  /** The echoes of the next frames that were sent come, at a time that is their number. */
  echo(count = Infinity): void {
    const { told } = this.outlet;
    for (const end = Math.min(told.length, this.#told + count); this.#told < end; this.#told++) {
      const entry = told[this.#told];
      entry?.job.echoed(entry.index, at(this.#told));
    }
  }

  /** The next frame that was sent does not come back. */
  lose(): void {
    const entry = this.outlet.told[this.#told++];
    entry?.job.echoed(entry.index, undefined);
  }
}

/** Whether a promise has not settled after all that is ready has run. */
async function waits(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await sleep(3);
  return !settled;
}

describe('a call that is to be confirmed', () => {
  it('ends when all of its frames have come back, with the time of each', async () => {
    const bench = new EchoBench();
    const result = bench.queue.send(far(frames(3), confirm), 'bus');
    bench.echo(2);
    expect(await waits(result)).to.equal(true);
    bench.echo();
    expect(await result).to.deep.equal({
      sent: 3,
      expired: 0,
      refused: 0,
      purged: 0,
      confirmed: 3,
      confirmations: [at(0), at(1), at(2)],
      confirmation: 'bus',
    });
  });

  it('does not hold up the calls after it', async () => {
    const bench = new EchoBench();
    const first = bench.queue.send(far(frames(2), confirm), 'queued');
    expect(await bench.queue.send(far(frames(1, 100)))).to.include({ sent: 1, confirmed: 0 });
    expect(await waits(first)).to.equal(true);
    bench.echo();
    expect(await first).to.include({ sent: 2, confirmed: 2, confirmation: 'queued' });
  });

  it('ends at its deadline with those that have come, undefined for the others', async () => {
    const bench = new EchoBench();
    const deadlineNs = now() + 20_000_000n;
    const result = bench.queue.send(far(frames(3), { ...confirm, deadlineNs }), 'bus');
    bench.lose();
    bench.echo(1);
    const { confirmations, ...counts } = await result;
    expect(now() >= deadlineNs, 'not before its time').to.equal(true);
    expect(counts).to.include({ sent: 3, expired: 0, confirmed: 1 });
    expect(confirmations).to.deep.equal([undefined, at(1), undefined]);
    bench.echo(); // Too late, and no harm.
    expect(bench.counters).to.include({ sent: 3, expired: 0 });
  });

  it('ends when the last frame is known not to come back', async () => {
    const bench = new EchoBench();
    const result = bench.queue.send(far(frames(2), confirm), 'bus');
    bench.echo(1);
    bench.lose();
    expect((await result).confirmations).to.deep.equal([at(0), undefined]);
  });

  it('that is sent piece by piece waits for all pieces, though each is confirmed at once', async () => {
    const bench = new EchoBench([2, -EAGAIN, 1, -EAGAIN]);
    const result = bench.queue.send(far(frames(5), confirm), 'bus');
    bench.echo();
    expect(await waits(Promise.resolve(result))).to.equal(true);
    while (bench.outlet.taken.length < 5) await sleep(1);
    bench.echo();
    expect(await result).to.include({ sent: 5, confirmed: 5 });
  });

  it('has confirmations of what was sent only, where some has expired', async () => {
    const bench = new EchoBench([2], -EAGAIN);
    const deadlineNs = now() + 15_000_000n;
    const result = bench.queue.send(far(frames(5), { ...confirm, deadlineNs }), 'bus');
    bench.echo();
    const { confirmations, ...counts } = await result;
    expect(counts).to.include({ sent: 2, expired: 3, confirmed: 2 });
    expect(confirmations).to.deep.equal([at(0), at(1)]);
  });

  it('of no frames ends at once', async () => {
    const result = await new EchoBench().queue.send(far([], confirm), 'bus');
    expect(result).to.deep.include({ sent: 0, confirmed: 0, confirmations: [] });
  });

  it('is rejected with what it knows by a refusal, an abort and a close', async () => {
    const known = { sent: 2, confirmed: 1, confirmations: [at(0), undefined], confirmation: 'bus' };
    const resultOf = async (ending: Promise<SendResult>): Promise<unknown> =>
      (await rejection(ending))['result'];

    const refused = new EchoBench([2, -EAGAIN, -EINVAL]);
    const first = resultOf(refused.queue.send(far(frames(4), confirm), 'bus'));
    refused.echo(1);
    expect(await first).to.deep.include({ ...known, refused: 2 });

    const aborted = new EchoBench();
    const controller = new AbortController();
    const { signal } = controller;
    const second = resultOf(aborted.queue.send(far(frames(2), { ...confirm, signal }), 'bus'));
    aborted.echo(1);
    controller.abort();
    expect(await second).to.deep.include({ ...known, refused: 0 });
    expect(aborted.counters).to.include({ sent: 2, aborted: 0 });
    aborted.echo();

    const closed = new EchoBench();
    const third = resultOf(closed.queue.send(far(frames(2), confirm), 'bus'));
    closed.echo(1);
    closed.queue.close(closedError);
    expect(await third).to.deep.include({ ...known, refused: 0 });
    expect(closed.counters).to.include({ sent: 2, refused: 0 });
    closed.echo();
  });

  it('leaves no timer behind, however it ends', async () => {
    const bench = new EchoBench();
    const before = timers();
    const first = bench.queue.send(far(frames(2), confirm), 'bus');
    expect(timers()).to.equal(before + 1);
    bench.echo();
    expect(timers(), 'confirmed').to.equal(before);
    const controller = new AbortController();
    const { signal } = controller;
    const second = rejection(bench.queue.send(far(frames(1), { ...confirm, signal }), 'bus'));
    expect(timers()).to.equal(before + 1);
    controller.abort();
    expect(timers(), 'aborted').to.equal(before);
    await Promise.all([first, second]);
  });
});
