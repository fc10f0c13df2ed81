import { expect } from 'chai';
import { EAGAIN, EBUSY, EINVAL, ENETDOWN, ENOBUFS, ENOMEM, ENXIO } from '../../../src/libc/errno';
import { MS } from '../../support/fakes/clock';
import { closedError, items, QueueBench, request } from '../../support/fakes/transmit-queue';
import { rejection } from '../../support/asserts/thrown';

/** Times in ns, of ms. */
const atMs = (...ms: number[]): bigint[] => ms.map((each) => BigInt(each) * MS);

describe('TransmitQueue', () => {
  it('sends the items of one call in order and returns their number', async () => {
    const { queue, sender, counters } = new QueueBench();
    const list = items(150);
    expect(await queue.send(request(list))).to.include({ sent: 150, expired: 0 });
    expect(sender.taken).to.deep.equal(list);
    expect(counters).to.include({ sent: 150, expired: 0, refused: 0, retries: 0 });
  });

  it('sends at once when nothing is in the way', () => {
    const { queue, sender } = new QueueBench();
    void queue.send(request(items(3)));
    expect(sender.taken).to.have.length(3);
  });

  it('continues after the items that the kernel took', async () => {
    const { queue, sender } = new QueueBench([1, 2, 3, 1]);
    const list = items(10);
    expect(await queue.send(request(list))).to.include({ sent: 10, expired: 0 });
    expect(sender.offers).to.deep.equal([0, 1, 3, 6, 7].map((from) => list.slice(from)));
    expect(sender.taken).to.deep.equal(list);
  });

  it('reports each sent item to the sender, with its call', async () => {
    const { queue, sender } = new QueueBench([2, 3]);
    const list = items(5);
    const echo = [true, false, true, false, true];
    await queue.send(request(list, { echo }));
    const reported = sender.reported.map(({ job, index }) => [job.items[index], index, job.wantsEcho(index)]);
    expect(reported).to.deep.equal(list.map((item, index) => [item, index, echo[index]]));
  });

  it('keeps the order of the calls', async () => {
    const { queue, sender, clock } = new QueueBench([1, -EAGAIN, 1, -ENOBUFS]);
    const lists = [items(3, 0), items(2, 100), items(4, 200)];
    const results = await clock.run(Promise.all(lists.map((list) => queue.send(request(list)))));
    expect(results.map(({ sent }) => sent)).to.deep.equal([3, 2, 4]);
    expect(sender.taken).to.deep.equal(lists.flat());
  });

  for (const [name, errno] of Object.entries({ EAGAIN, ENOBUFS, ENOMEM, EBUSY })) {
    it(`repeats after ${name} when 1, 2, 4 and then always 4 ms have passed`, async () => {
      const { queue, sender, counters, clock } = new QueueBench([2, ...new Array<number>(6).fill(-errno)]);
      const list = items(5);
      const result = await clock.run(queue.send(request(list)));
      expect(result).to.include({ sent: 5, expired: 0 });
      expect(sender.times).to.deep.equal(atMs(0, 0, 1, 3, 7, 11, 15, 19));
      expect(sender.taken).to.deep.equal(list);
      expect(counters).to.include({ sent: 5, retries: 6 });
    });
  }

  it('repeats after ENETDOWN every 100 ms', async () => {
    const { queue, sender, counters, clock } = new QueueBench([2, ...[1, 2, 3].map(() => -ENETDOWN)]);
    const list = items(5);
    const result = await clock.run(queue.send(request(list)));
    expect(result).to.include({ sent: 5, expired: 0 });
    expect(sender.times).to.deep.equal(atMs(0, 0, 100, 200, 300));
    expect(sender.taken).to.deep.equal(list);
    expect(counters).to.include({ sent: 5, retries: 3 });
  });

  it('repeats at once when the link is up', async () => {
    const { queue, sender, clock } = new QueueBench([-ENETDOWN, -EAGAIN]);
    const result = queue.send(request(items(1)));
    for (const ns of [30n * MS, MS / 2n]) {
      await clock.advance(ns);
      queue.wake();
    }
    expect(await result).to.include({ sent: 1 });
    expect(sender.times).to.deep.equal([0n, 30n * MS, 30n * MS + MS / 2n]);
  });

  it('sends one batch at once when the link is up, although the time of the turn is used up', async () => {
    const { queue, sender, clock } = new QueueBench([-ENETDOWN]);
    sender.work = 2n * MS;
    const result = queue.send(request(items(40)));
    queue.wake();
    expect(sender.offers.map(({ length }) => length)).to.deep.equal([40, 16]);
    expect(sender.taken).to.deep.equal(items(16));
    expect(await clock.run(result)).to.include({ sent: 40 });
    expect(sender.times, 'the rest in the next turn').to.deep.equal(atMs(0, 2, 4));
    expect(clock.turns).to.equal(1);
  });

  it('waits 1 ms again after the kernel took items', async () => {
    const { queue, sender, clock } = new QueueBench([-EAGAIN, -EAGAIN, -EAGAIN, 1, -EAGAIN, -EAGAIN]);
    await clock.run(queue.send(request(items(2))));
    expect(sender.times).to.deep.equal(atMs(0, 1, 3, 7, 7, 8, 10));
  });

  it('waits 1 ms again after the link was down', async () => {
    const full = [-EAGAIN, -EAGAIN, -EAGAIN];
    const { queue, sender, clock } = new QueueBench([...full, -ENETDOWN, ...full]);
    await clock.run(queue.send(request(items(1))));
    expect(sender.times).to.deep.equal(atMs(0, 1, 3, 7, 107, 108, 110, 114));
  });

  it('does not repeat before the time when timers run early', async () => {
    const { queue, sender, clock } = new QueueBench([-EAGAIN, -EAGAIN]);
    clock.earlyNs = 300_000n;
    await clock.run(queue.send(request(items(1))));
    // The timer of 1 ms runs at 0.7 ms, and another one of 1 ms 0.7 ms later; then 2 ms, less 0.3, and 1 ms.
    expect(sender.times).to.deep.equal([0n, 1_400_000n, 3_800_000n]);
  });

  it('leaves the event loop idle between repetitions', async () => {
    const { queue, clock } = new QueueBench([], -EAGAIN);
    void queue.send(request(items(1)));
    const waits: bigint[] = [];
    for (const ms of [1n, 2n, 4n, 4n]) {
      await clock.advance(0n);
      expect(clock.immediates, 'immediates').to.equal(0);
      waits.push(...clock.waits);
      await clock.advance(ms * MS);
    }
    expect(waits, 'one timer each').to.deep.equal(atMs(1, 2, 4, 4));
  });

  it('sends 10,000 items in turns of 1 ms', async () => {
    const { queue, sender, clock } = new QueueBench();
    sender.work = 100_000n; // ns a call, as a slow kernel.
    const inTurn: number[] = [];
    sender.onCall = () => {
      inTurn[clock.turns] = (inTurn[clock.turns] ?? 0) + 1;
    };
    const list = items(10_000);
    const result = await clock.run(queue.send(request(list)));
    expect(result).to.include({ sent: 10_000, expired: 0 });
    // 157 calls of up to 64 items; a turn takes those that begin at 0, 0.1, ..., 1 ms.
    expect(inTurn).to.deep.equal([...new Array<number>(14).fill(11), 3]);
    expect(sender.taken).to.deep.equal(list);
  });

  it("rejects a refused call with the sender's error and continues with the next one", async () => {
    const { queue, sender, counters } = new QueueBench([2, -EINVAL]);
    const bad = items(5, 0);
    const good = items(3, 100);
    const first = rejection(queue.send(request(bad)));
    const second = queue.send(request(good));
    expect(await first).to.include({ errno: -EINVAL, item: bad[2], sent: 2 });
    expect(await second).to.include({ sent: 3, expired: 0 });
    expect(sender.taken).to.deep.equal([...bad.slice(0, 2), ...good]);
    expect(counters).to.include({ sent: 5, refused: 3, expired: 0, retries: 0 });
  });

  it('rejects each of the calls that the kernel refuses', async () => {
    const { queue, counters } = new QueueBench([-ENXIO, -ENXIO]);
    const errors = await Promise.all([1, 2].map(() => rejection(queue.send(request(items(4))))));
    expect(errors.map(({ sent }) => sent)).to.deep.equal([0, 0]);
    expect(counters).to.include({ sent: 0, refused: 8 });
  });

  it('rejects all waiting calls with their counts when it is closed, and leaves no timer', async () => {
    const { queue, sender, counters, clock } = new QueueBench([3], -EAGAIN);
    const waiting = [items(5), items(2)].map((list) => rejection(queue.send(request(list))));
    await clock.advance(10n * MS);
    expect(clock.waits).to.have.length(1);
    queue.close(closedError);
    expect(clock.waits).to.deep.equal([]);
    const calls = sender.offers.length;
    expect((await Promise.all(waiting)).map(({ sent }) => sent)).to.deep.equal([3, 0]);
    await clock.advance(1000n * MS);
    expect(sender.offers, 'no call to the kernel').to.have.length(calls);
    expect(counters.sent).to.equal(3);
  });

  it('leaves no timer when everything is sent', async () => {
    const { queue, sender, clock } = new QueueBench([-EAGAIN]);
    await clock.run(queue.send(request(items(1))));
    expect(clock.waits).to.deep.equal([]);
    await clock.advance(1000n * MS);
    expect(sender.offers).to.have.length(2);
  });
});
