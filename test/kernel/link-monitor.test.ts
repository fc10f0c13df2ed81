import { expect } from 'chai';
import { listInterfaces } from '../../src';
import { LinkMonitor } from '../../src/netlink/monitor';
import type { LinkChange, LinkListener, LinkSubscription } from '../../src/netlink/link';
import { addVcan, removeLink } from '../support/kernel/guest';
import { setLink } from '../support/kernel/link';
import { changeLink } from '../support/kernel/rtnetlink';
import { until } from '../support/waiting/until';

/** Keeps every change and its time. */
class Witness implements LinkListener {
  readonly changes: LinkChange[] = [];
  missed = 0;

  onLink(change: LinkChange): void {
    this.changes.push(change);
  }

  onMissed(): void {
    this.missed++;
  }

  onEnd(): void {
    throw new Error('The monitor ended');
  }

  /** The changes of an interface without repetitions: the kernel reports some twice, and some late. */
  of(index: number): string[] {
    const words = this.changes
      .filter((each) => each.index === index)
      .map(({ name, link }) => `${String(name)} ${link}`);
    return words.filter((word, i) => word !== words[i - 1]);
  }
}

/** The kernel's number of an interface. */
function indexOf(name: string): number {
  const found = listInterfaces().find((each) => each.name === name);
  if (found === undefined) throw new Error(`No interface ${name}`);
  return found.index;
}

describe('LinkMonitor on a kernel with CAN', () => {
  let witness: Witness;
  let subscription: LinkSubscription;

  let keeper: LinkSubscription;

  // Keeps the poller thread, which takes 0.3 s to start in the guest.
  before(() => {
    keeper = LinkMonitor.subscribe('thread', new Witness());
  });
  after(() => keeper.remove());
  beforeEach(async () => {
    witness = new Witness();
    subscription = LinkMonitor.subscribe('thread', witness);
    await subscription.drain();
  });
  afterEach(async () => {
    await subscription.remove();
    for (const name of ['vcan7', 'vcan8']) removeLink(name);
  });

  it('reports the changes of an interface in order, with its name and index', async () => {
    addVcan('vcan7', 72, false);
    const index = indexOf('vcan7');
    setLink('vcan7', true);
    setLink('vcan7', false);
    changeLink('vcan7', { name: 'vcan8' });
    setLink('vcan8', true);
    removeLink('vcan8');
    await subscription.drain();
    const words = witness.of(index);
    // The kernel may or may not report that an interface goes down before it is removed.
    expect(words.filter((word, i) => word !== 'vcan8 down' || i < words.length - 2)).to.deep.equal([
      'vcan7 down',
      'vcan7 up',
      'vcan7 down',
      'vcan8 down',
      'vcan8 up',
      'vcan8 gone',
    ]);
    expect(witness.missed).to.equal(0);
  });

  it('reports an interface under its new index when it is made again', async () => {
    const indices = [1, 2].map(() => {
      addVcan('vcan7');
      const index = indexOf('vcan7');
      removeLink('vcan7');
      return index;
    });
    await subscription.drain();
    expect(new Set(indices).size).to.equal(2);
    for (const index of indices) {
      expect(witness.of(index)).to.include('vcan7 up');
      expect(witness.of(index).at(-1)).to.equal('vcan7 gone');
    }
  });

  it('reports all changes so far before drain() resolves', async () => {
    addVcan('vcan7', 72, false);
    const index = indexOf('vcan7');
    for (let round = 0; round < 10; round++) {
      for (const link of ['up', 'down']) {
        setLink('vcan7', link === 'up');
        await subscription.drain();
        expect(witness.of(index).at(-1)).to.equal(`vcan7 ${link}`);
      }
    }
  });

  it('gives each change a time between the change and its report', async () => {
    addVcan('vcan7', 72, false);
    await subscription.drain();
    witness.changes.length = 0;
    const before = setLink('vcan7', true);
    await until(() => witness.changes.length > 0, 'the change is reported');
    const after = process.hrtime.bigint();
    for (const { at } of witness.changes) {
      expect(at.monotonicNs >= before && at.monotonicNs <= after).to.equal(true);
    }
  });

  it('reports 300 changes made while the main thread is blocked, or that some were missed', async () => {
    addVcan('vcan7', 72, false);
    const index = indexOf('vcan7');
    await subscription.drain();
    witness.changes.length = 0;
    const links = Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? 'up' : 'down'));
    for (const link of links) setLink('vcan7', link === 'up');
    await subscription.drain();
    if (witness.missed === 0) {
      expect(witness.of(index)).to.deep.equal(links.map((link) => `vcan7 ${link}`));
    } else expect(witness.of(index).length).to.be.within(1, 300);
    setLink('vcan7', true);
    await subscription.drain();
    expect(witness.of(index).at(-1)).to.equal('vcan7 up');
  });

  it("reports missed changes when the kernel's buffer overflows, and keeps reporting", async () => {
    addVcan('vcan7', 72, false);
    const index = indexOf('vcan7');
    await subscription.drain();
    // The poller thread reads until its ring is full, as this thread takes nothing out of it.
    for (let i = 0; i < 1000; i++) for (const up of [true, false]) setLink('vcan7', up);
    await subscription.drain();
    expect(witness.missed).to.be.greaterThan(0);
    witness.changes.length = 0;
    setLink('vcan7', true);
    await subscription.drain();
    // The kernel may report the last 'down' again, since it reports a change of the carrier late.
    const words = witness.of(index);
    expect(words.at(-1)).to.equal('vcan7 up');
    expect(words.slice(0, -1)).to.deep.be.oneOf([[], ['vcan7 down']]);
  });
});
