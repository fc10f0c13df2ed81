import { expect } from 'chai';
import { EAGAIN, EBUSY, EINVAL, ENETDOWN, ENOBUFS, ENOMEM, ENXIO } from '../../../src/libc';
import { call, closedError, FakeOutlet, frames, now, QueueBench } from '../../support/fakes/outlet';
import { rejection } from '../../support/asserts/thrown';
import { countTurns } from '../../support/waiting/turns';

const FAR = 3_600_000_000_000n;

describe('TransmitQueue', () => {
  it('hands the frames of one call over in order and tells how many', async () => {
    const { queue, outlet, counters } = new QueueBench();
    const list = frames(150);
    expect(await queue.send(call(list, false, now() + FAR))).to.include({
      sent: 150,
      expired: 0,
    });
    expect(outlet.taken).to.deep.equal(list);
    expect(counters).to.include({ sent: 150, expired: 0, refused: 0, retries: 0 });
  });

  it('hands frames over at once when nothing is in the way', () => {
    const { queue, outlet } = new QueueBench();
    void queue.send(call(frames(3), false, now() + FAR));
    expect(outlet.taken).to.have.length(3);
  });

  it('goes on after what the kernel has taken', async () => {
    const { queue, outlet } = new QueueBench([1, 2, 3, 1]);
    const list = frames(10);
    expect(await queue.send(call(list, false, now() + FAR))).to.include({
      sent: 10,
      expired: 0,
    });
    expect(outlet.offers).to.deep.equal([0, 1, 3, 6, 7].map((from) => list.slice(from)));
    expect(outlet.taken).to.deep.equal(list);
  });

  it('tells the outlet what was handed over, frame by frame, with the job', async () => {
    const { queue, outlet } = new QueueBench([2, 3]);
    const list = frames(5);
    const echo = [true, false, true, false, true];
    await queue.send(call(list, echo, now() + FAR));
    const told = outlet.told.map(({ job, index }) => [job.frames[index], index, job.wants(index)]);
    expect(told).to.deep.equal(list.map((frame, index) => [frame, index, echo[index]]));
  });

  it('keeps the order of the calls', async () => {
    const { queue, outlet } = new QueueBench([1, -EAGAIN, 1, -ENOBUFS]);
    const lists = [frames(3, 0), frames(2, 100), frames(4, 200)];
    const results = await Promise.all(
      lists.map((list) => queue.send(call(list, false, now() + FAR))),
    );
    expect(results.map(({ sent }) => sent)).to.deep.equal([3, 2, 4]);
    expect(outlet.taken).to.deep.equal(lists.flat());
  });

  for (const [name, errno] of Object.entries({ EAGAIN, ENOBUFS, ENOMEM, EBUSY, ENETDOWN })) {
    it(`waits and repeats after ${name}, as often as it takes`, async () => {
      const script = [2, ...new Array<number>(6).fill(-errno)];
      const { queue, outlet, counters } = new QueueBench(script);
      const list = frames(5);
      expect(await queue.send(call(list, false, now() + FAR))).to.include({
        sent: 5,
        expired: 0,
      });
      expect(outlet.taken).to.deep.equal(list);
      expect(counters).to.include({ sent: 5, retries: 6 });
    });
  }

  it('leaves the event loop alone between repetitions', async () => {
    const { queue, outlet } = new QueueBench(new Array<number>(8).fill(-EAGAIN));
    let turns = 0;
    const offers: number[] = [];
    const tick = setInterval(() => {
      turns++;
      offers.push(outlet.offers.length);
    }, 1);
    await queue.send(call(frames(1), false, now() + FAR));
    clearInterval(tick);
    expect(turns).to.be.at.least(4);
    expect(new Set(offers).size, 'not all repetitions in one turn').to.be.greaterThan(2);
  });

  it('gives 10,000 frames over in many turns of the event loop', async () => {
    const { queue, outlet } = new QueueBench();
    outlet.most = 64;
    outlet.work = 100_000n; // ns a call, as a slow kernel.
    const turns = countTurns();
    const list = frames(10_000);
    const result = await queue.send(call(list, false, now() + FAR));
    const counted = turns.stop();
    expect(result).to.include({ sent: 10_000, expired: 0 });
    expect(counted).to.be.at.least(4);
    expect(outlet.taken).to.deep.equal(list);
  });

  it('rejects with what the outlet makes of a refusal, at the frame it was, and goes on', async () => {
    const { queue, outlet, counters } = new QueueBench([2, -EINVAL]);
    const bad = frames(5, 0);
    const good = frames(3, 100);
    const first = rejection(queue.send(call(bad, false, now() + FAR)));
    const second = queue.send(call(good, false, now() + FAR));
    expect(await first).to.include({ answer: -EINVAL, frame: bad[2], sent: 2 });
    expect(await second).to.include({ sent: 3, expired: 0 });
    expect(outlet.taken).to.deep.equal([...bad.slice(0, 2), ...good]);
    expect(counters).to.include({ sent: 5, refused: 3, expired: 0, retries: 0 });
  });

  it('rejects each of the calls the kernel refuses', async () => {
    const { queue, counters } = new QueueBench([-ENXIO, -ENXIO]);
    const errors = await Promise.all(
      [1, 2].map(() => rejection(queue.send(call(frames(4), false, now() + FAR)))),
    );
    expect(errors.map(({ sent }) => sent)).to.deep.equal([0, 0]);
    expect(counters).to.include({ sent: 0, refused: 8 });
  });

  it('rejects all that waits when it is closed, with the counts, and calls the kernel no more', async () => {
    const { queue, outlet, counters } = new QueueBench([3], -EAGAIN);
    const waiting = [frames(5), frames(2)].map((list) =>
      rejection(queue.send(call(list, false, now() + FAR))),
    );
    await new Promise((resolve) => setTimeout(resolve, 10));
    const timers = () =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    queue.close(closedError);
    expect(timers(), 'the timer is gone').to.equal(before - 1);
    const calls = outlet.offers.length;
    expect((await Promise.all(waiting)).map(({ sent }) => sent)).to.deep.equal([3, 0]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(outlet.offers).to.have.length(calls);
    expect(counters.sent).to.equal(3);
  });

  it('uses no timer of the process once everything is sent', async () => {
    const bench = new QueueBench([-EAGAIN]);
    await bench.queue.send(call(frames(1), false, now() + FAR));
    const calls = bench.outlet.offers.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(bench.outlet.offers).to.have.length(calls);
    expect(bench.outlet).to.be.instanceOf(FakeOutlet);
  });
});
