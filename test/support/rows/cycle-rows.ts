import { expect } from 'chai';
import { FIXTURE_OPTIONS, fixturePath, runToEnd } from '../processes/ending';
import { row } from './row';

interface Holdings {
  readonly descriptors: number;
  readonly threads: number;
  readonly rss: number;
}

/** Memory that a cycle may keep, in bytes. The reference, node-can-media, keeps 0.11 MB. */
const GROWTH = 150_000;

/**
 * Fewer cycles prove nothing about memory: the thread has its own heap, which nobody outside can
 * collect, and keeps up to 16 MB of closed sockets' rings until it collects them by itself.
 */
const ENOUGH = 300;

/**
 * A row: sockets are opened, receive and are closed one after another, under traffic.
 *
 * @param thread `kept` by another socket all the time, or each socket's `own`
 */
export function cycleRow(id: string, interfaceName: string, cycles: number, thread: 'kept' | 'own'): void {
  const which = thread === 'own' ? 'each with its own thread' : 'while another keeps the thread';
  row(id, `${cycles} sockets opened, receiving, closed, ${which}`, async function (seen) {
    this.timeout(120_000 + cycles * 2000);
    const args = [fixturePath('cycles'), interfaceName, String(cycles), thread];
    const options = [...FIXTURE_OPTIONS, '--expose-gc'];
    const ended = await runToEnd(process.execPath, [...options, ...args], this.timeout());
    expect(ended.stderr).to.equal('');
    const { before, after } = JSON.parse(ended.stdout) as Record<'before' | 'after', Holdings>;
    const growth = (after.rss - before.rss) / cycles;
    seen(`descriptors ${before.descriptors} -> ${after.descriptors}`);
    seen(`threads ${before.threads} -> ${after.threads}`);
    seen(`RSS ${(before.rss / 1e6).toFixed(1)} -> ${(after.rss / 1e6).toFixed(1)} MB`);
    seen(`${(growth / 1e6).toFixed(3)} MB a cycle`);
    expect(after.descriptors).to.equal(before.descriptors);
    expect(after.threads).to.equal(before.threads);
    if (cycles >= ENOUGH) expect(growth).to.be.at.most(GROWTH);
  });
}
