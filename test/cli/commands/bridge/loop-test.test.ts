import { expect } from 'chai';
import { LoopTest, type Forwarding } from '../../../../src/cli/commands/bridge/loop-test';

const SECOND_NS = 1e9;

/** A bus whose traffic continues or stops while forwarding pauses. Its time passes only in sleep(). */
class Traffic implements Forwarding {
  rate = 1000;
  /** Whether the forwarding itself causes the traffic. */
  loop = false;
  /** The part of the rate that continues in a loop while forwarding pauses. */
  rest = 0;
  nowNs = 0;
  paused = false;
  count = 0;
  now(): number {
    return this.nowNs;
  }
  sleep(ms: number): Promise<void> {
    this.nowNs += ms * 1e6;
    const part = this.paused && this.loop ? this.rest : 1;
    this.count += (part * this.rate * ms) / 1000;
    return Promise.resolve();
  }
  drain(): Promise<void> {
    return Promise.resolve();
  }
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  received(): number {
    return this.count;
  }
}

describe('LoopTest', () => {
  it('finds a loop when the traffic stops with the forwarding three times in a row', async () => {
    const traffic = new Traffic();
    traffic.loop = true;
    const test = new LoopTest(traffic);
    expect(await test.run(1000)).to.equal(false);
    expect(traffic.paused).to.equal(false);
    expect(await test.run(1000)).to.equal(false);
    expect(await test.run(1000)).to.equal(true);
    expect(traffic.paused).to.equal(true);
  });

  for (const [rest, found] of [
    [0.24, true],
    [0.26, false],
  ] as const) {
    it(`${found ? 'finds a loop' : 'finds no loop'} when ${rest * 100} % of the traffic continues in each pause`, async () => {
      const traffic = new Traffic();
      traffic.loop = true;
      traffic.rest = rest;
      const test = new LoopTest(traffic);
      for (const last of [false, false, true]) {
        expect(await test.run(1000)).to.equal(last && found);
      }
      expect(traffic.paused).to.equal(found);
    });
  }

  it('ignores traffic that stops once by chance', async () => {
    const traffic = new Traffic();
    traffic.loop = true;
    const test = new LoopTest(traffic);
    for (let i = 0; i < 10; i++) {
      expect(await test.run(1000)).to.equal(false);
      traffic.nowNs += 6 * SECOND_NS;
    }
    for (let i = 0; i < 5; i++) {
      traffic.loop = true;
      await test.run(1000);
      expect(await test.run(1000)).to.equal(false);
      traffic.loop = false;
      expect(await test.run(1000)).to.equal(false);
    }
  });

  it('starts no test for 10 s after traffic that continued, later for longer, up to 5 minutes', async () => {
    const traffic = new Traffic();
    const test = new LoopTest(traffic);
    for (const seconds of [10, 30, 90, 270, 300, 300]) {
      await test.run(1000);
      expect(test.ready).to.equal(false);
      traffic.nowNs += (seconds - 1) * SECOND_NS;
      expect(test.ready).to.equal(false);
      traffic.nowNs += SECOND_NS;
      expect(test.ready).to.equal(true);
    }
  });
});
