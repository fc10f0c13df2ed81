import { expect } from 'chai';
import { Delivery, type DeliveryListener, type RingReader } from '../../../src/channel/receive/delivery';
import { Losses } from '../../../src/channel/receive/losses';
import { ConsumerSide } from '../../../src/poller/consumer-side';
import { Ring } from '../../../src/poller/ring';
import type { Timestamp } from '../../../src/timestamp';
import { collectUncaught } from '../../support/processes/process';
import { classicBytes } from '../../support/traffic/pairs';
import { numberOf, PACKET_RECORD, putRecord, takeRecords } from '../../support/traffic/records';

interface Message {
  readonly number: number;
  readonly timestamp: Timestamp;
}

/** Messages that a ring can hold, and that are kept for the first listener. */
const MOST = 4096;

/** A delivery with its ring. It logs what the socket gets. */
class Bench implements DeliveryListener<Message> {
  readonly log: string[] = [];
  readonly counters = { discarded: 0 };
  readonly ring: Ring;
  readonly delivery: Delivery<Message>;
  /** The drop count of the socket. */
  drops = 0;
  /** Whether the socket has a listener. */
  listened = true;
  /** Called at the end of each call of the socket, with its name. */
  onCall: (name: string) => void = () => undefined;

  /** @param perTurn records that the reader takes at a time */
  constructor(perTurn = Infinity, slots = 64) {
    this.ring = Ring.create(slots, PACKET_RECORD);
    const reader: RingReader<Message> = {
      dropped: 0,
      take: (ring) =>
        takeRecords(ring, Math.min(ring.available, perTurn))
          .filter(({ frame }) => frame.length > 0)
          .map(({ frame, systemNs, monotonicNs }) => ({
            number: numberOf(frame),
            timestamp: { systemNs, monotonicNs },
          })),
    };
    const drops = (): number => this.drops;
    const sources = {
      get drops() {
        return drops();
      },
      receiveBufferSize: 1,
    };
    this.delivery = new Delivery(reader, new Losses(sources), this.counters, this);
  }

  /** Messages with these numbers arrive. */
  put(...numbers: readonly number[]): this {
    for (const number of numbers) putRecord(this.ring, classicBytes(number), { monotonicSec: number });
    return this;
  }

  deliver(): boolean {
    return this.delivery.deliver(this.ring);
  }

  onTraffic({ monotonicNs }: Timestamp): void {
    this.#call('traffic', `${monotonicNs / 1_000_000_000n}`);
  }

  onMessages(messages: readonly Message[]): boolean {
    this.#call('messages', messages.map(({ number }) => number).join(' '));
    return this.listened;
  }

  onOverflow(lost: number): void {
    this.#call('overflow', `${lost}`);
  }

  #call(name: string, argument: string): void {
    this.log.push(`${name} ${argument}`);
    this.onCall(name);
  }
}

/** A bench whose socket has had a listener from the start. */
function listening(perTurn?: number): Bench {
  const bench = new Bench(perTurn);
  bench.delivery.deliverEarly();
  return bench;
}

describe('Delivery', () => {
  it('reports the traffic with the time of the newest message, then the messages, then the lost ones', () => {
    const bench = listening().put(1, 2, 3);
    bench.drops = 5;
    expect(bench.deliver()).to.equal(false);
    expect(bench.log).to.deep.equal(['traffic 3', 'messages 1 2 3', 'overflow 5']);
  });

  it('reports lost messages once', () => {
    const bench = listening().put(1);
    bench.drops = 5;
    bench.deliver();
    bench.put(2).deliver();
    bench.drops = 6;
    bench.put(3).deliver();
    expect(bench.log.filter((line) => line.startsWith('overflow'))).to.deep.equal(['overflow 5', 'overflow 1']);
  });

  it('returns whether the ring holds more', () => {
    const bench = listening(2).put(1, 2, 3);
    expect(bench.deliver()).to.equal(true);
    expect(bench.deliver()).to.equal(false);
    expect(bench.log).to.deep.equal(['traffic 2', 'messages 1 2', 'traffic 3', 'messages 3']);
  });

  it('reports lost messages, but neither traffic nor messages, when the reader skips all records', () => {
    const bench = listening();
    putRecord(bench.ring, classicBytes(1), { length: 0 });
    bench.drops = 2;
    expect(bench.deliver()).to.equal(false);
    expect(bench.log).to.deep.equal(['overflow 2']);
  });

  it('counts the records correctly when the counters of the ring overflow', () => {
    const bench = listening();
    bench.ring.publish(0x7fff_fffe);
    bench.ring.release(0x7fff_fffe);
    bench.put(1, 2, 3, 4);
    bench.drops = 1;
    bench.deliver();
    expect(bench.log).to.deep.equal(['traffic 4', 'messages 1 2 3 4', 'overflow 1']);
  });

  it('counts messages that nobody listens to as discarded', () => {
    const bench = listening();
    bench.put(1).deliver();
    bench.listened = false;
    bench.put(2, 3).deliver();
    expect(bench.counters.discarded).to.equal(2);
  });
});

describe('Delivery before the first listener', () => {
  it('keeps the messages, and reports traffic and lost messages', () => {
    const bench = new Bench().put(1, 2);
    bench.drops = 1;
    bench.deliver();
    expect(bench.log).to.deep.equal(['traffic 2', 'overflow 1']);
    expect(bench.counters.discarded).to.equal(0);
  });

  it('delivers the kept messages once, in a microtask and before later ones', async () => {
    const bench = new Bench();
    bench.put(1).deliver();
    bench.put(2).deliver();
    bench.log.length = 0;
    bench.delivery.deliverEarly();
    bench.delivery.deliverEarly();
    expect(bench.log).to.deep.equal([]);
    await Promise.resolve();
    bench.put(3).deliver();
    expect(bench.log).to.deep.equal(['messages 1 2', 'traffic 3', 'messages 3']);
  });

  it('keeps 4096 messages, and counts the others as discarded', async () => {
    const bench = new Bench(Infinity, 2 * MOST);
    const numbers = Array.from({ length: MOST + 10 }, (_, number) => number);
    bench.put(...numbers).deliver();
    bench.put(1, 2).deliver();
    expect(bench.counters.discarded).to.equal(12);
    bench.log.length = 0;
    bench.delivery.deliverEarly();
    await Promise.resolve();
    expect(bench.log).to.deep.equal([`messages ${numbers.slice(0, MOST).join(' ')}`]);
    expect(bench.counters.discarded).to.equal(12);
  });

  it('counts kept messages as discarded when the first listener is removed at once', async () => {
    const bench = new Bench();
    bench.put(1, 2, 3).deliver();
    bench.delivery.deliverEarly();
    bench.listened = false;
    await Promise.resolve();
    expect(bench.counters.discarded).to.equal(3);
  });

  it('throws the exception of a listener as uncaught, and delivers later messages', async () => {
    const bench = new Bench();
    bench.put(1).deliver();
    bench.onCall = () => {
      throw new Error('from the listener');
    };
    const errors = await collectUncaught(async () => {
      bench.delivery.deliverEarly();
      await new Promise(setImmediate);
    });
    expect(errors.map(({ message }) => message)).to.deep.equal(['from the listener']);
    bench.onCall = () => undefined;
    bench.put(2).deliver();
    expect(bench.log).to.deep.equal(['traffic 1', 'messages 1', 'traffic 2', 'messages 2']);
  });
});

describe('Delivery to a listener that throws', () => {
  for (const thrower of ['traffic', 'messages', 'overflow']) {
    it(`throws an exception about ${thrower} as uncaught, and reports everything else`, async () => {
      const bench = listening(2);
      bench.onCall = (name) => {
        if (name === thrower) throw new Error(`about ${name}`);
      };
      bench.put(1, 2, 3);
      bench.drops = 4;
      const more: boolean[] = [];
      const errors = await collectUncaught(async () => {
        more.push(bench.deliver());
        bench.drops = 9;
        more.push(bench.deliver());
        await new Promise(setImmediate);
      });
      expect(more).to.deep.equal([true, false]);
      expect(bench.log).to.deep.equal([
        ...['traffic 2', 'messages 1 2', 'overflow 4'],
        ...['traffic 3', 'messages 3', 'overflow 5'],
      ]);
      expect(errors.map(({ message }) => message)).to.deep.equal([`about ${thrower}`, `about ${thrower}`]);
      expect(bench.counters.discarded).to.equal(0);
    });
  }
});

describe('Delivery to a socket that a listener closes', () => {
  for (const closer of ['traffic', 'messages']) {
    it(`delivers the messages taken from the ring, but no further ones, when closed about ${closer}`, () => {
      const bench = listening(2).put(1, 2, 3, 4);
      const consumer = {
        onRecords: (ring: Ring) => bench.delivery.deliver(ring),
        onError: () => undefined,
        onFailure: () => undefined,
      };
      const side = new ConsumerSide(bench.ring, consumer, () => undefined);
      bench.onCall = (name) => {
        if (name === closer) side.stop();
      };
      side.consumeAll();
      expect(bench.log).to.deep.equal(['traffic 2', 'messages 1 2']);
      expect(bench.ring.available).to.equal(2);
      expect(side.hasRecords()).to.equal(false);
    });
  }
});
