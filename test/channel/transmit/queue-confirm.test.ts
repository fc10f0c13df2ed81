import { expect } from 'chai';
import { EAGAIN, EINVAL } from '../../../src/libc/errno';
import type { SendResult } from '../../../src/send-result';
import type { Timestamp } from '../../../src/timestamp';
import { MS } from '../../support/fakes/clock';
import { closedError, items, QueueBench, request } from '../../support/fakes/transmit-queue';
import { rejection } from '../../support/asserts/thrown';

const at = (ns: number): Timestamp => ({ systemNs: BigInt(ns), monotonicNs: BigInt(ns) });
const confirm = { confirm: true };

/** A queue whose items come back when the test says so. */
class EchoBench extends QueueBench {
  #echoed = 0;

  /** The echoes of the next sent items come; the time of each is its number. */
  echo(count = Infinity): void {
    const { reported } = this.sender;
    const end = Math.min(reported.length, this.#echoed + count);
    for (; this.#echoed < end; this.#echoed++) {
      const entry = reported[this.#echoed];
      entry?.job.echoed(entry.index, at(this.#echoed));
    }
  }

  /** The next sent item does not come back. */
  lose(): void {
    const entry = this.sender.reported[this.#echoed++];
    entry?.job.echoed(entry.index, undefined);
  }

  /** Whether a promise is still pending after a second. */
  async isPending(promise: Promise<unknown>): Promise<boolean> {
    let settled = false;
    const end = (): void => {
      settled = true;
    };
    promise.then(end, end);
    await this.clock.advance(1000n * MS);
    return !settled;
  }
}

describe('a call with confirm', () => {
  it('ends when all of its items have come back, with the time of each', async () => {
    const bench = new EchoBench();
    const result = bench.queue.send(request(items(3), confirm), 'bus');
    bench.echo(2);
    expect(await bench.isPending(result)).to.equal(true);
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

  it('does not delay the calls after it', async () => {
    const bench = new EchoBench();
    const first = bench.queue.send(request(items(2), confirm), 'queued');
    expect(await bench.queue.send(request(items(1, 100)))).to.include({ sent: 1, confirmed: 0 });
    expect(await bench.isPending(first)).to.equal(true);
    bench.echo();
    expect(await first).to.include({ sent: 2, confirmed: 2, confirmation: 'queued' });
  });

  it('ends at its deadline, with undefined for each item that has not come back', async () => {
    const bench = new EchoBench();
    const { clock } = bench;
    const deadlineNs = clock.now() + 20n * MS;
    const result = bench.queue.send(request(items(3), { ...confirm, deadlineNs }), 'bus');
    bench.lose();
    bench.echo(1);
    const { confirmations, ...counts } = await clock.run(result);
    expect(clock.now()).to.equal(deadlineNs);
    expect(counts).to.include({ sent: 3, expired: 0, confirmed: 1 });
    expect(confirmations).to.deep.equal([undefined, at(1), undefined]);
    bench.echo(); // Too late: ignored.
    expect(bench.counters).to.include({ sent: 3, expired: 0 });
  });

  it('ends when the last item is known to be lost', async () => {
    const bench = new EchoBench();
    const result = bench.queue.send(request(items(2), confirm), 'bus');
    bench.echo(1);
    bench.lose();
    expect((await result).confirmations).to.deep.equal([at(0), undefined]);
  });

  it('waits for all of its items when they are sent in parts and each part is confirmed at once', async () => {
    const bench = new EchoBench([2, -EAGAIN, 1, -EAGAIN]);
    const { clock, sender } = bench;
    const result = bench.queue.send(request(items(5), confirm), 'bus');
    bench.echo();
    const sent: number[] = [sender.taken.length];
    for (let part = 0; part < 2; part++) {
      await clock.advance(MS);
      sent.push(sender.taken.length);
      if (part === 0) bench.echo();
    }
    expect(sent).to.deep.equal([2, 3, 5]);
    expect(await bench.isPending(result)).to.equal(true);
    bench.echo();
    expect(await result).to.include({ sent: 5, confirmed: 5 });
  });

  it('has confirmations of the sent items only, when the others expire', async () => {
    const bench = new EchoBench([2], -EAGAIN);
    const deadlineNs = bench.clock.now() + 15n * MS;
    const result = bench.queue.send(request(items(5), { ...confirm, deadlineNs }), 'bus');
    bench.echo();
    const { confirmations, ...counts } = await bench.clock.run(result);
    expect(counts).to.include({ sent: 2, expired: 3, confirmed: 2 });
    expect(confirmations).to.deep.equal([at(0), at(1)]);
  });

  it('ends at once when it has no items', async () => {
    const result = await new EchoBench().queue.send(request([], confirm), 'bus');
    expect(result).to.deep.include({ sent: 0, confirmed: 0, confirmations: [] });
  });

  it('is rejected with the confirmations so far by a refusal, an abort and a close', async () => {
    const known = { sent: 2, confirmed: 1, confirmations: [at(0), undefined], confirmation: 'bus' };
    const resultOf = async (ending: Promise<SendResult>): Promise<unknown> => (await rejection(ending))['result'];

    const refused = new EchoBench([2, -EAGAIN, -EINVAL]);
    const first = resultOf(refused.queue.send(request(items(4), confirm), 'bus'));
    refused.echo(1);
    expect(await refused.clock.run(first)).to.deep.include({ ...known, refused: 2 });

    const aborted = new EchoBench();
    const controller = new AbortController();
    const { signal } = controller;
    const second = resultOf(aborted.queue.send(request(items(2), { ...confirm, signal }), 'bus'));
    aborted.echo(1);
    controller.abort();
    expect(await second).to.deep.include({ ...known, refused: 0 });
    expect(aborted.counters).to.include({ sent: 2, aborted: 0 });
    aborted.echo();

    const closed = new EchoBench();
    const third = resultOf(closed.queue.send(request(items(2), confirm), 'bus'));
    closed.echo(1);
    closed.queue.close(closedError);
    expect(await third).to.deep.include({ ...known, refused: 0 });
    expect(closed.counters).to.include({ sent: 2, refused: 0 });
    closed.echo();
  });

  it('leaves no timer after it is confirmed or aborted', async () => {
    const bench = new EchoBench();
    const { clock } = bench;
    const first = bench.queue.send(request(items(2), confirm), 'bus');
    expect(clock.waits).to.have.length(1);
    bench.echo();
    expect(clock.waits, 'confirmed').to.deep.equal([]);
    const controller = new AbortController();
    const { signal } = controller;
    const second = rejection(bench.queue.send(request(items(1), { ...confirm, signal }), 'bus'));
    expect(clock.waits).to.have.length(1);
    controller.abort();
    expect(clock.waits, 'aborted').to.deep.equal([]);
    await Promise.all([first, second]);
  });
});
