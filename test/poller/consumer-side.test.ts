import { expect } from 'chai';
import { ENETDOWN } from '../../src/libc/errno';
import type { RecordConsumer } from '../../src/poller/consumer';
import { ConsumerSide } from '../../src/poller/consumer-side';
import { Ring } from '../../src/poller/ring';
import { Recorder } from '../support/fakes/consumer';
import { collectUncaught } from '../support/processes/process';
import { classicBytes } from '../support/traffic/pairs';
import { PACKET_RECORD, putRecord } from '../support/traffic/records';

/** A consumer side with its ring, and the number of times that it woke the producer. */
class Bench {
  readonly ring: Ring;
  readonly side: ConsumerSide;
  wakes = 0;

  constructor(consumer: RecordConsumer, slots = 16) {
    this.ring = Ring.create(slots, PACKET_RECORD);
    this.side = new ConsumerSide(this.ring, consumer, () => this.wakes++);
  }

  /** Records with these numbers arrive. */
  put(...numbers: readonly number[]): this {
    for (const number of numbers) putRecord(this.ring, classicBytes(number));
    return this;
  }
}

/** Runs a body, and returns the messages of the uncaught exceptions that it causes. */
async function uncaughtMessages(body: () => void): Promise<string[]> {
  const errors = await collectUncaught(async () => {
    body();
    await new Promise(setImmediate);
  });
  return errors.map(({ message }) => message);
}

function throwing(): never {
  throw new Error('from the consumer');
}

describe('ConsumerSide.consume', () => {
  it('calls the consumer once, and returns whether it wants to be called again', () => {
    const recorder = new Recorder();
    recorder.take = 2;
    const { side } = new Bench(recorder).put(1, 2, 3);
    expect([side.consume(), side.hasRecords()]).to.deep.equal([true, true]);
    expect([side.consume(), side.hasRecords()]).to.deep.equal([false, false]);
    expect(recorder.numbers).to.deep.equal([1, 2, 3]);
    expect(recorder.turns).to.equal(2);
  });

  it('throws the exception of the consumer as uncaught, and calls it again for the rest', async () => {
    const recorder = new Recorder();
    recorder.take = 1;
    recorder.onTurn = throwing;
    const { side } = new Bench(recorder).put(1, 2);
    const answers: boolean[] = [];
    const messages = await uncaughtMessages(() => {
      answers.push(side.consume());
      recorder.onTurn = undefined;
      answers.push(side.consume());
    });
    expect(messages).to.deep.equal(['from the consumer']);
    expect(answers).to.deep.equal([true, false]);
    expect(recorder.numbers).to.deep.equal([1, 2]);
  });

  it('wakes a stalled producer once, when half of the ring is free', () => {
    const recorder = new Recorder();
    recorder.take = 1;
    const bench = new Bench(recorder, 4).put(1, 2, 3, 4);
    expect(bench.ring.stall()).to.equal(true);
    const wakes = [1, 2, 3, 4].map(() => {
      bench.side.consume();
      return bench.wakes;
    });
    expect(wakes).to.deep.equal([0, 1, 1, 1]);
    expect(bench.ring.stalled).to.equal(false);
  });

  it('does not wake a producer that has not stopped', () => {
    const bench = new Bench(new Recorder(), 4).put(1, 2, 3, 4);
    bench.side.consume();
    expect(bench.wakes).to.equal(0);
  });

  it('wakes a stalled producer also when the consumer throws', async () => {
    const recorder = new Recorder();
    recorder.onTurn = throwing;
    const bench = new Bench(recorder, 4).put(1, 2, 3, 4);
    bench.ring.stall();
    await uncaughtMessages(() => bench.side.consume());
    expect(bench.wakes).to.equal(1);
  });
});

describe('ConsumerSide.consumeAll', () => {
  it('consumes all records that are in the ring, but not those that arrive meanwhile', () => {
    const recorder = new Recorder();
    recorder.take = 1;
    const bench = new Bench(recorder).put(1, 2, 3);
    let next = 4;
    recorder.onTurn = () => {
      if (next < 20) bench.put(next++);
    };
    bench.side.consumeAll();
    expect(recorder.numbers).to.deep.equal([1, 2, 3]);
    expect(bench.ring.available).to.equal(3);
  });

  it('does so when the counters of the ring overflow', () => {
    const recorder = new Recorder();
    recorder.take = 1;
    const bench = new Bench(recorder);
    bench.ring.publish(0x7fff_fffe);
    bench.ring.release(0x7fff_fffe);
    bench.put(1, 2, 3, 4).side.consumeAll();
    expect(recorder.numbers).to.deep.equal([1, 2, 3, 4]);
  });

  it('ends when the consumer takes nothing', () => {
    const recorder = new Recorder();
    recorder.take = 0;
    const bench = new Bench(recorder).put(1, 2);
    // Ends the test when it fails.
    recorder.onTurn = () => {
      if (recorder.turns > 9) bench.side.stop();
    };
    bench.side.consumeAll();
    expect(recorder.turns).to.equal(1);
    expect(bench.ring.available).to.equal(2);
  });

  it('does not call the consumer without records', () => {
    const recorder = new Recorder();
    new Bench(recorder).side.consumeAll();
    expect(recorder.turns).to.equal(0);
  });

  it('consumes all records although the consumer throws every time', async () => {
    const recorder = new Recorder();
    recorder.take = 1;
    recorder.onTurn = throwing;
    const { side } = new Bench(recorder).put(1, 2, 3);
    const messages = await uncaughtMessages(() => {
      side.consumeAll();
    });
    expect(messages).to.have.lengthOf(3);
    expect(recorder.numbers).to.deep.equal([1, 2, 3]);
  });
});

describe('ConsumerSide and errors', () => {
  it('reports an error with its time after the records before it', () => {
    const calls: unknown[][] = [];
    const recorder = new Recorder();
    const bench = new Bench({
      onRecords: (ring) => recorder.onRecords(ring),
      onError: (...args) => calls.push([...args, recorder.numbers.length]),
      onFailure: () => undefined,
    });
    recorder.take = 1;
    bench.put(1, 2).side.reportError(ENETDOWN, 5n, false);
    bench.put(3).side.reportError(ENETDOWN, 6n, true);
    expect(calls).to.deep.equal([
      [ENETDOWN, 5n, false, 2],
      [ENETDOWN, 6n, true, 3],
    ]);
  });

  it('reports an error although the consumer throws on the records before it', async () => {
    const recorder = new Recorder();
    recorder.onTurn = throwing;
    const { side } = new Bench(recorder).put(1);
    await uncaughtMessages(() => {
      side.reportError(ENETDOWN, 0n, false);
    });
    expect(recorder.log).to.deep.equal(['frame 1', `error ${ENETDOWN}`]);
  });

  it('reports the end of the thread', () => {
    const recorder = new Recorder();
    new Bench(recorder).side.reportFailure(new Error('out of memory'));
    expect(recorder.log).to.deep.equal(['failure out of memory']);
  });

  it('throws the exceptions of onError and onFailure as uncaught', async () => {
    const { side } = new Bench({ onRecords: () => false, onError: throwing, onFailure: throwing });
    const messages = await uncaughtMessages(() => {
      side.reportError(ENETDOWN, 0n, false);
      side.reportFailure(new Error('the end'));
    });
    expect(messages).to.deep.equal(['from the consumer', 'from the consumer']);
  });
});

describe('ConsumerSide.drain', () => {
  it('requests a drain with a new ticket, and resolves after the records when the ticket is settled', async () => {
    const recorder = new Recorder();
    const { side } = new Bench(recorder).put(1, 2);
    const tickets: number[] = [];
    const drains = [1, 2].map(async (number) => {
      await side.drain((ticket) => tickets.push(ticket));
      recorder.log.push(`drain ${number}`);
    });
    expect(new Set(tickets).size).to.equal(2);
    expect(side.draining).to.equal(true);
    const [first = 0, second = 0] = tickets;
    side.settle(second);
    await drains[1];
    expect(recorder.log).to.deep.equal(['frame 1', 'frame 2', 'drain 2']);
    expect(side.draining).to.equal(true);
    side.settle(first);
    await drains[0];
    expect(recorder.log.at(-1)).to.equal('drain 1');
    expect(side.draining).to.equal(false);
  });

  it('resolves a request that is settled at once', async () => {
    const { side } = new Bench(new Recorder());
    await side.drain((ticket) => {
      side.settle(ticket);
    });
    expect(side.draining).to.equal(false);
  });

  it('ignores a ticket that is settled already', async () => {
    const { side } = new Bench(new Recorder());
    const tickets: number[] = [];
    const drain = side.drain((ticket) => tickets.push(ticket));
    const [ticket = 0] = tickets;
    side.settle(ticket);
    side.settle(ticket);
    await drain;
    expect(side.draining).to.equal(false);
  });

  it('resolves all requests together, also after a stop', async () => {
    const { side } = new Bench(new Recorder());
    const drains = [side.drain(() => undefined), side.drain(() => undefined)];
    side.stop();
    side.settleAll();
    await Promise.all(drains);
    expect(side.draining).to.equal(false);
  });
});

describe('ConsumerSide.stop', () => {
  it('makes no further call to the consumer', () => {
    const recorder = new Recorder();
    const bench = new Bench(recorder).put(1);
    const { side } = bench;
    expect(side.stopped).to.equal(false);
    side.stop();
    expect(side.stopped).to.equal(true);
    expect(side.hasRecords()).to.equal(false);
    expect(side.consume()).to.equal(false);
    side.consumeAll();
    side.reportError(ENETDOWN, 0n, true);
    side.reportFailure(new Error('the end'));
    expect(recorder.log).to.deep.equal([]);
    expect(bench.ring.available).to.equal(1);
  });

  it('ends consumeAll, and suppresses the error after it, when the consumer stops it', () => {
    const recorder = new Recorder();
    recorder.take = 1;
    const { side } = new Bench(recorder).put(1, 2, 3);
    recorder.onTurn = () => {
      if (recorder.numbers.length === 2) side.stop();
    };
    side.reportError(ENETDOWN, 0n, false);
    expect(recorder.log).to.deep.equal(['frame 1', 'frame 2']);
  });
});
