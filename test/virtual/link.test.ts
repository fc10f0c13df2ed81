import { expect } from 'chai';
import { VirtualBus } from '../../src';
import type { LinkChange, LinkListener } from '../../src/netlink/link';
import { VirtualLink } from '../../src/virtual/link';
import { newBus } from './probe';

/** Keeps the changes that a link reports. */
class LinkRecorder implements LinkListener {
  readonly changes: LinkChange[] = [];
  missed = 0;

  onLink(change: LinkChange): void {
    this.changes.push(change);
  }

  onMissed(): void {
    this.missed++;
  }

  onEnd(): void {
    throw new Error('The link reports no end');
  }

  get links(): string[] {
    return this.changes.map(({ link }) => link);
  }
}

/** To compare without a turn of the event loop in between: other code has timers, too. */
const intervals = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe('VirtualLink', () => {
  it('is up when it is created, with an index of its own', () => {
    const [a, b] = [new VirtualLink('virtual:a'), new VirtualLink('virtual:b')];
    expect([a.state, b.state]).to.deep.equal(['up', 'up']);
    expect(a.index).to.be.greaterThan(0);
    expect(b.index).to.be.greaterThan(a.index);
  });

  it('reports each change once, in order, with name, index and time, and ignores set() without a change', () => {
    const link = new VirtualLink('virtual:a');
    const recorder = new LinkRecorder();
    link.watch(recorder);
    const before = process.hrtime.bigint();
    for (const state of ['up', 'down', 'down', 'up', 'gone', 'gone'] as const) link.set(state);
    const after = process.hrtime.bigint();
    expect(recorder.links).to.deep.equal(['down', 'up', 'gone']);
    let last = before;
    for (const { index, name, at } of recorder.changes) {
      expect([index, name]).to.deep.equal([link.index, 'virtual:a']);
      expect(at.monotonicNs >= last && at.monotonicNs <= after).to.equal(true);
      last = at.monotonicNs;
    }
    expect(recorder.missed).to.equal(0);
  });

  it('has a new index each time it returns, and the same index while it is down', () => {
    const link = new VirtualLink('virtual:a');
    const recorder = new LinkRecorder();
    link.watch(recorder);
    const indices = [link.index];
    for (let round = 0; round < 5; round++) {
      link.set('down');
      expect(link.index).to.equal(indices.at(-1));
      link.set('gone');
      expect(link.index).to.equal(indices.at(-1));
      expect(recorder.changes.at(-1)).to.include({ link: 'gone', index: link.index });
      link.set('up');
      expect(recorder.changes.at(-1)).to.include({ link: 'up', index: link.index });
      indices.push(link.index);
    }
    expect(new Set(indices).size).to.equal(6);
    expect(indices).to.deep.equal([...indices].sort((a, b) => a - b));
  });

  it('reports to each listener until its remove(), even when another listener calls it', async () => {
    const link = new VirtualLink('virtual:a');
    const [first, second] = [new LinkRecorder(), new LinkRecorder()];
    const removing: Promise<void>[] = [];
    link.watch({
      onLink: () => removing.push(subscription.remove()),
      onMissed: () => undefined,
      onEnd: () => undefined,
    });
    const kept = link.watch(first);
    const subscription = link.watch(second);
    link.set('down');
    link.set('up');
    await Promise.all([...removing, kept.drain()]);
    expect(first.links).to.deep.equal(['down', 'up']);
    expect(second.links).to.deep.equal([]);
    await kept.remove();
    await kept.remove();
    link.set('down');
    expect(first.links).to.deep.equal(['down', 'up']);
  });

  it('reports all changes before drain() resolves', async () => {
    const link = new VirtualLink('virtual:a');
    const recorder = new LinkRecorder();
    const subscription = link.watch(recorder);
    link.set('down');
    link.set('gone');
    await subscription.drain();
    expect(recorder.links).to.deep.equal(['down', 'gone']);
  });

  it('keeps the process alive only on request, and not after remove()', () => {
    const link = new VirtualLink('virtual:a');
    const before = intervals();
    const subscription = link.watch(new LinkRecorder());
    expect(intervals()).to.equal(before);
    subscription.setReferenced(true);
    subscription.setReferenced(true);
    expect(intervals()).to.equal(before + 1);
    subscription.setReferenced(false);
    expect(intervals()).to.equal(before);
    subscription.setReferenced(true);
    void subscription.remove();
    expect(intervals()).to.equal(before);
    subscription.setReferenced(true);
    expect(intervals(), 'after remove()').to.equal(before);
  });
});

describe('The link of a VirtualBus', () => {
  it('reports each change of the bus once, in order', () => {
    const bus = newBus();
    const recorder = new LinkRecorder();
    const subscription = bus.watch(recorder);
    const first = bus.index;
    bus.down();
    bus.down();
    bus.up();
    bus.up();
    bus.down();
    bus.remove();
    bus.remove();
    bus.add();
    bus.add();
    const second = bus.index;
    bus.remove();
    bus.reset();
    expect(recorder.changes.map(({ link, index }) => `${link} ${index}`)).to.deep.equal([
      `down ${first}`,
      `up ${first}`,
      `down ${first}`,
      `gone ${first}`,
      `up ${second}`,
      `gone ${second}`,
      `up ${bus.index}`,
    ]);
    expect(new Set([first, second, bus.index]).size).to.equal(3);
    expect(recorder.changes.every(({ name }) => name === bus.interfaceName)).to.equal(true);
    return subscription.remove();
  });

  it('ignores changes of other buses, and a failed up() of a removed bus', async () => {
    const [bus, other] = [newBus(), newBus()];
    const recorder = new LinkRecorder();
    const subscription = bus.watch(recorder);
    other.down();
    bus.remove();
    expect(() => {
      bus.up();
    }).to.throw('ENODEV');
    expect(recorder.links).to.deep.equal(['gone']);
    expect(VirtualBus.get(bus.name)).to.equal(bus);
    await subscription.remove();
  });
});
