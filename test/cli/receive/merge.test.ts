import { expect } from 'chai';
import { parseFrame, type ReceivedFrame } from '../../../src';
import type { FrameOrigin } from '../../../src/cli/receive/merge';
import { Merge } from '../../../src/cli/receive/merge';
import { FakeClock, MS } from '../../support/fakes/clock';

function at(ns: number): ReceivedFrame {
  return {
    frame: parseFrame('123#'),
    timestamp: { systemNs: 0n, monotonicNs: BigInt(ns) },
    own: false,
    local: false,
  };
}

/** A merge of fake sockets, whose frames and drains the test controls. */
class Merging {
  /** What the merge has delivered: `index:time`, or `index lost count`. */
  readonly delivered: string[] = [];
  readonly clock = new FakeClock(0n);
  /** Pending drains, by socket. */
  readonly drains = new Map<number, { resolve(): void; reject(error: Error): void }>();
  readonly merge: Merge;

  constructor(count = 2) {
    const sources = {
      count,
      drain: (index: number) =>
        new Promise<void>((resolve, reject) => {
          this.drains.set(index, { resolve, reject });
        }),
      clock: this.clock,
    };
    this.merge = new Merge(sources, {
      onFrames: ({ index }, frames) => {
        for (const { timestamp } of frames) this.delivered.push(`${index}:${timestamp.monotonicNs}`);
      },
      onLost: ({ index }, lost) => this.delivered.push(`${index} lost ${lost}`),
    });
  }

  /** Lets a socket deliver frames, and the event loop turn. */
  async add(index: number, ...times: number[]): Promise<void> {
    const last = BigInt(times.at(-1) ?? 0);
    if (last > this.clock.now()) this.clock.spend(last - this.clock.now());
    this.merge.add(origin(index), times.map(at));
    await this.clock.turn();
  }

  async drained(index: number): Promise<void> {
    this.drains.get(index)?.resolve();
    this.drains.delete(index);
    await this.clock.turn();
    await this.clock.turn();
  }
}

function origin(index: number): FrameOrigin {
  return { interfaceName: `can${index}`, index };
}

describe('Merge', () => {
  it('delivers frames of one turn in the order of their times', async () => {
    const merging = new Merging();
    void merging.add(0, 1, 3, 5);
    await merging.add(1, 2, 4, 5);
    expect(merging.delivered).to.deep.equal(['0:1', '1:2', '0:3', '1:4', '0:5', '1:5']);
    expect(merging.drains.size).to.equal(0);
  });

  it('holds the frames of one socket until the other cannot have older ones', async () => {
    const merging = new Merging();
    await merging.add(0, 1, 3);
    await merging.add(0, 5, 7);
    expect(merging.delivered).to.deep.equal([]);
    expect([...merging.drains.keys()]).to.deep.equal([1]);
    await merging.add(1, 2, 4);
    expect(merging.delivered).to.deep.equal(['0:1', '1:2', '0:3', '1:4']);
    await merging.add(1, 6);
    expect(merging.delivered.slice(4)).to.deep.equal(['0:5', '1:6']);
    await merging.drained(1);
    expect(merging.delivered.slice(6)).to.deep.equal([]);
  });

  it('delivers the held frames when the other socket is drained without a frame', async () => {
    const merging = new Merging(3);
    await merging.add(1, 10, 20);
    expect([...merging.drains.keys()]).to.deep.equal([0, 2]);
    await merging.drained(0);
    expect(merging.delivered).to.deep.equal([]);
    await merging.drained(2);
    expect(merging.delivered).to.deep.equal(['1:10', '1:20']);
    expect(merging.drains.size).to.equal(0);
  });

  it('drains again after 5 ms for a frame that arrived after the drain began', async () => {
    const merging = new Merging();
    await merging.add(0, 10);
    await merging.add(0, 20);
    await merging.drained(1);
    expect(merging.delivered).to.deep.equal(['0:10']);
    await merging.add(1, 15);
    expect(merging.delivered).to.deep.equal(['0:10', '1:15']);
    expect(merging.drains.size, 'before 5 ms').to.equal(0);
    expect(merging.clock.waits).to.deep.equal([5n * MS]);
    await merging.clock.advance(5n * MS);
    expect([...merging.drains.keys()]).to.deep.equal([1]);
    await merging.drained(1);
    expect(merging.delivered).to.deep.equal(['0:10', '1:15', '0:20']);
  });

  it('drains a silent socket at most every 5 ms, at any rate of frames', async () => {
    const merging = new Merging();
    let drains = 0;
    for (let ms = 0; ms < 100; ms++) {
      merging.merge.add(origin(0), [at(ms * 1e6 + 1)]);
      await merging.clock.advance(MS);
      if (!merging.drains.has(1)) continue;
      drains++;
      await merging.drained(1);
    }
    expect(drains, 'at 0, 5, ... 100 ms').to.equal(21);
  });

  it('delivers losses after the frames that came before them', async () => {
    const merging = new Merging();
    void merging.add(0, 10, 20);
    merging.merge.addLost(origin(0), 7);
    await merging.add(0, 40);
    await merging.add(1, 15, 30);
    expect(merging.delivered).to.deep.equal(['0:10', '1:15', '0:20', '0 lost 7', '1:30']);
    merging.merge.flush();
    expect(merging.delivered.at(-1)).to.equal('0:40');
  });

  it('does not wait for a socket that cannot be drained', async () => {
    const merging = new Merging();
    await merging.add(0, 10);
    merging.drains.get(1)?.reject(new Error('closed'));
    await merging.clock.turn();
    expect(merging.delivered).to.deep.equal(['0:10']);
  });

  it('delivers everything once and in order on flush', async () => {
    const merging = new Merging();
    await merging.add(0, 3, 4);
    void merging.add(1, 1, 2);
    merging.merge.flush();
    const all = ['1:1', '1:2', '0:3', '0:4'];
    expect(merging.delivered).to.deep.equal(all);
    await merging.drained(1);
    expect(merging.delivered).to.deep.equal(all);
  });

  it('holds at most 65,536 frames for a slow socket', async () => {
    const merging = new Merging();
    const count = 65_536;
    await merging.add(0, ...Array.from({ length: count }, (_, index) => index + 1));
    expect(merging.delivered).to.have.lengthOf(0);
    await merging.add(0, count + 1);
    expect(merging.delivered).to.have.lengthOf(count + 1);
  });

  it('delivers a frame that arrives too late for its place', async () => {
    const merging = new Merging();
    await merging.add(0, 10);
    await merging.drained(1);
    await merging.add(1, 5);
    await merging.drained(0);
    expect(merging.delivered).to.deep.equal(['0:10', '1:5']);
  });
});
