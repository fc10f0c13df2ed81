import { expect } from 'chai';
import { getEventListeners } from 'node:events';
import { Iteration } from '../../../src/channel/receive/iteration';
import { IterationBench, numberOf } from '../../support/fakes/iteration';
import { rejection, thrown, wrong } from '../../support/asserts/thrown';

describe('Iteration', () => {
  it('returns the frames of all batches one by one, in order', async () => {
    const bench = new IterationBench();
    bench.bring(3);
    bench.bring(1, 3);
    bench.bring(2, 4);
    bench.close();
    expect(await bench.rest()).to.deep.equal([0, 1, 2, 3, 4, 5, 'done']);
  });

  it('returns 10,000 frames in order while more arrive', async () => {
    const bench = new IterationBench({ limit: 2 ** 24 });
    bench.bring(5000);
    const numbers: number[] = [];
    for await (const frame of bench.iteration) {
      numbers.push(numberOf(frame));
      if (numbers.length % 1000 === 0 && numbers.length <= 5000) {
        bench.bring(1000, 4000 + numbers.length);
      }
      if (numbers.length === 10_000) break;
    }
    expect(numbers).to.deep.equal(Array.from({ length: 10_000 }, (_, i) => i));
    expect(bench.iteration.discarded).to.equal(0);
  });

  it('gives new frames to the waiting calls of next(), in the order of the calls', async () => {
    const bench = new IterationBench();
    const waiting = [bench.next(), bench.next(), bench.next()];
    bench.bring(2);
    bench.bring(3, 2);
    expect(await Promise.all(waiting)).to.deep.equal([0, 1, 2]);
    expect(await bench.next()).to.equal(3);
    expect(await bench.next()).to.equal(4);
  });

  it('keeps the oldest frames up to its limit, and counts the discarded ones', async () => {
    const bench = new IterationBench({ limit: 4 });
    bench.bring(3);
    bench.bring(3, 3);
    expect([bench.iteration.discarded, bench.lost]).to.deep.equal([2, 2]);
    expect(await bench.next()).to.equal(0);
    bench.bring(3, 6);
    expect([bench.iteration.discarded, bench.lost]).to.deep.equal([4, 4]);
    bench.close();
    expect(await bench.rest()).to.deep.equal([1, 2, 3, 6, 'done']);
  });

  it('does not count frames for waiting calls towards its limit', async () => {
    const bench = new IterationBench({ limit: 1 });
    const waiting = [bench.next(), bench.next()];
    bench.bring(4);
    expect(await Promise.all(waiting)).to.deep.equal([0, 1]);
    expect(bench.iteration.discarded).to.equal(1);
    expect(await bench.next()).to.equal(2);
  });

  it('keeps 16,384 frames by default', () => {
    const bench = new IterationBench();
    bench.bring(16_384);
    expect(bench.iteration.discarded).to.equal(0);
    bench.bring(1);
    expect(bench.iteration.discarded).to.equal(1);
  });

  it('refuses invalid limits and signals, and adds no listener then', () => {
    for (const limit of [0, -1, 1.5, NaN, 2 ** 24 + 1]) {
      const error = thrown(() => new IterationBench({ limit }));
      expect(error).to.be.instanceOf(RangeError);
      expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_OPTION');
    }
    for (const options of [{ limit: wrong('5') }, { signal: wrong({}) }, { signal: wrong(null) }]) {
      const { source } = new IterationBench();
      source.removeAllListeners();
      expect(thrown(() => new Iteration(source, 'frames', options))).to.be.instanceOf(TypeError);
      expect(source.eventNames()).to.deep.equal([]);
    }
  });

  it('ends at once when return() is called, for waiting calls, too', async () => {
    const bench = new IterationBench();
    const waiting = [bench.next(), bench.next()];
    expect(await bench.iteration.return()).to.deep.equal({ done: true, value: undefined });
    expect(await Promise.all(waiting)).to.deep.equal(['done', 'done']);
    expect(bench.listeners).to.equal(0);
    bench.bring(2);
    expect([await bench.next(), await bench.next()]).to.deep.equal(['done', 'done']);
    expect(bench.iteration.discarded).to.equal(0);
  });

  it('discards waiting frames and errors when the loop breaks', async () => {
    for (const fails of [false, true]) {
      const bench = new IterationBench();
      bench.bring(5);
      if (fails) bench.fail('of the socket');
      for await (const frame of bench.iteration) {
        expect(numberOf(frame)).to.equal(0);
        break;
      }
      expect(bench.listeners).to.equal(0);
      expect(await bench.next()).to.equal('done');
    }
  });

  it('throws the error of the socket once, after the frames before it', async () => {
    const bench = new IterationBench();
    bench.bring(2);
    bench.fail('of the socket');
    bench.close();
    bench.bring(1, 9);
    expect(bench.listeners).to.equal(0);
    expect(await bench.rest()).to.deep.equal([0, 1, 'of the socket']);
    expect(await bench.rest()).to.deep.equal(['done']);
  });

  it('throws the error of the socket to the first waiting call', async () => {
    const bench = new IterationBench();
    const waiting = [bench.next(), bench.next(), bench.next()];
    bench.fail('of the socket');
    expect(await Promise.all(waiting)).to.deep.equal(['of the socket', 'done', 'done']);
    expect(await bench.next()).to.equal('done');
  });
});

describe('the AbortSignal of a FrameIteration', () => {
  it('makes next() throw at once when it was aborted earlier, and adds no listener', async () => {
    const reason = new Error('no time');
    const bench = new IterationBench({ signal: AbortSignal.abort(reason) });
    expect(bench.listeners).to.equal(0);
    expect(await rejection(bench.iteration.next())).to.include({
      name: 'AbortError',
      code: 'ABORT_ERR',
      cause: reason,
    });
    expect(await bench.next()).to.equal('done');
  });

  it('makes next() throw once, before the waiting frames', async () => {
    const controller = new AbortController();
    const bench = new IterationBench({ signal: controller.signal });
    bench.bring(3);
    expect(await bench.next()).to.equal(0);
    controller.abort();
    expect(bench.listeners).to.equal(0);
    expect(await rejection(bench.iteration.next())).to.have.property('code', 'ABORT_ERR');
    expect(await bench.next()).to.equal('done');
    expect(bench.iteration.discarded).to.equal(0);
  });

  it('makes a waiting next() throw', async () => {
    const controller = new AbortController();
    const bench = new IterationBench({ signal: controller.signal });
    const waiting = rejection(bench.iteration.next());
    controller.abort();
    expect(await waiting).to.have.property('name', 'AbortError');
  });

  it('has no listener after the iteration ends', async () => {
    const { signal } = new AbortController();
    const ends: ((bench: IterationBench) => unknown)[] = [
      (bench) => bench.iteration.return(),
      (bench) => {
        bench.close();
      },
      (bench) => {
        bench.fail('of the socket');
      },
    ];
    for (const end of ends) {
      const bench = new IterationBench({ signal });
      expect(getEventListeners(signal, 'abort')).to.have.length(1);
      await end(bench);
      expect(getEventListeners(signal, 'abort')).to.have.length(0);
    }
  });

  it('changes nothing after the socket is closed: the waiting frames are returned', async () => {
    const controller = new AbortController();
    const bench = new IterationBench({ signal: controller.signal });
    bench.bring(2);
    bench.close();
    controller.abort();
    expect(await bench.rest()).to.deep.equal([0, 1, 'done']);
  });
});
