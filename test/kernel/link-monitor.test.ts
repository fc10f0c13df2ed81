import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { listInterfaces } from '../../src';
import { LinkMonitor } from '../../src/socket/link/monitor';
import type { LinkChange, LinkListener, LinkSubscription } from '../../src/socket/link/watch';
import { addVcan, ip, removeLink } from '../support/kernel/guest';
import { until } from '../support/waiting/until';

/** Keeps what it is told. */
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
    throw new Error('Nobody has ended it');
  }

  /** What was told of an interface, each state once, the first by the time `name` was made. */
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
  if (found === undefined) throw new Error(`There is no ${name}`);
  return found.index;
}

/** One process for many commands: a process takes long to start in a slow guest. */
function batch(lines: readonly string[]): void {
  execFileSync('ip', ['-batch', '-'], { input: lines.join('\n') });
}

describe('LinkMonitor on a kernel with CAN', () => {
  let witness: Witness;
  let subscription: LinkSubscription;

  beforeEach(async () => {
    witness = new Witness();
    subscription = LinkMonitor.subscribe('thread', witness);
    await subscription.drain();
  });
  afterEach(async () => {
    await subscription.remove();
    for (const name of ['vcan7', 'vcan8']) removeLink(name);
  });

  it('tells what becomes of an interface, in order, with its name and index', async () => {
    addVcan('vcan7', 72, false);
    const index = indexOf('vcan7');
    ip('link', 'set', 'vcan7', 'up');
    ip('link', 'set', 'vcan7', 'down');
    ip('link', 'set', 'vcan7', 'name', 'vcan8');
    ip('link', 'set', 'vcan8', 'up');
    ip('link', 'del', 'vcan8');
    await subscription.drain();
    const told = witness.of(index);
    // The kernel may or may not tell that an interface goes down before it is removed.
    expect(told.filter((word, i) => word !== 'vcan8 down' || i < told.length - 2)).to.deep.equal([
      'vcan7 down',
      'vcan7 up',
      'vcan7 down',
      'vcan8 down',
      'vcan8 up',
      'vcan8 gone',
    ]);
    expect(witness.missed).to.equal(0);
  });

  it('tells an interface that is made again under another index', async () => {
    const indices = [1, 2].map(() => {
      addVcan('vcan7');
      const index = indexOf('vcan7');
      ip('link', 'del', 'vcan7');
      return index;
    });
    await subscription.drain();
    expect(new Set(indices).size).to.equal(2);
    for (const index of indices) {
      expect(witness.of(index)).to.include('vcan7 up');
      expect(witness.of(index).at(-1)).to.equal('vcan7 gone');
    }
  });

  it('has told what has happened by the time drain() resolves, at once', async () => {
    addVcan('vcan7', 72, false);
    const index = indexOf('vcan7');
    for (let round = 0; round < 10; round++) {
      for (const link of ['up', 'down']) {
        ip('link', 'set', 'vcan7', link);
        await subscription.drain();
        expect(witness.of(index).at(-1)).to.equal(`vcan7 ${link}`);
      }
    }
  });

  it('gives each change a time between the moments before and after it', async () => {
    addVcan('vcan7', 72, false);
    await subscription.drain();
    witness.changes.length = 0;
    const before = process.hrtime.bigint();
    ip('link', 'set', 'vcan7', 'up');
    await until(() => witness.changes.length > 0, 'the change is told');
    const after = process.hrtime.bigint();
    for (const { at } of witness.changes) {
      expect(at.monotonicNs >= before && at.monotonicNs <= after).to.equal(true);
    }
  });

  it('tells 300 changes made while this thread was blocked, or that some were missed', async () => {
    addVcan('vcan7', 72, false);
    const index = indexOf('vcan7');
    await subscription.drain();
    witness.changes.length = 0;
    const links = Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? 'up' : 'down'));
    batch(links.map((link) => `link set vcan7 ${link}`)); // This thread waits for it.
    await subscription.drain();
    if (witness.missed === 0) {
      expect(witness.of(index)).to.deep.equal(links.map((link) => `vcan7 ${link}`));
    } else expect(witness.of(index).length).to.be.within(1, 300);
    // It hears on, whatever it has missed.
    ip('link', 'set', 'vcan7', 'up');
    await subscription.drain();
    expect(witness.of(index).at(-1)).to.equal('vcan7 up');
  });

  it('tells of more changes than the kernel keeps that some were missed, and hears on', async () => {
    addVcan('vcan7', 72, false);
    const index = indexOf('vcan7');
    await subscription.drain();
    // The thread goes on while this one is blocked, until its ring is full.
    const lines = Array.from({ length: 2000 }, (_, i) => `link set vcan7 ${i % 2 ? 'down' : 'up'}`);
    batch(lines);
    await subscription.drain();
    expect(witness.missed).to.be.greaterThan(0);
    witness.changes.length = 0;
    ip('link', 'set', 'vcan7', 'up');
    await subscription.drain();
    expect(witness.of(index)).to.deep.equal(['vcan7 up']);
  });
});
