import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { DataFrame } from '../../src';
import { until } from '../support/waiting/until';
import { ListeningMedia } from '../support/sockets/media';

const FRAMES = 20_000;

/** Packets the interface has carried, by the kernel's own count. */
function carried(): number {
  return Number(readFileSync('/sys/class/net/vcan0/statistics/tx_packets', 'utf8'));
}

/**
 * cangen(1) at full speed: the identifiers count up (-I i), so that order, loss and repetition
 * can be read from them, and so do the lengths (-L i).
 */
async function flood(receiveBufferSize: number, ...args: string[]): Promise<number> {
  const before = carried();
  const listener = new ListeningMedia('vcan0', 64, { receiveBufferSize });
  let overflows = 0;
  listener.media.on('overflow', (lost) => (overflows += lost));
  const beginMonotonic = process.hrtime.bigint();
  const beginSystem = BigInt(Date.now()) * 1_000_000n;
  await promisify(execFile)('cangen', [
    'vcan0',
    '-g',
    '0',
    '-n',
    String(FRAMES),
    '-e',
    '-I',
    'i',
    '-L',
    'i',
    '-D',
    'i',
    '-p',
    '10',
    ...args,
  ]);
  const accepted = carried() - before;
  expect(accepted).to.equal(FRAMES);
  const { media } = listener;
  await until(() => {
    const { received, dropped } = media.statistics;
    return received + dropped >= accepted;
  }, 'all frames are received or counted as dropped');
  const endMonotonic = process.hrtime.bigint();
  const endSystem = BigInt(Date.now() + 1) * 1_000_000n;

  const { received, dropped, unsupported } = media.statistics;
  expect(received + dropped).to.equal(FRAMES);
  expect(unsupported).to.equal(0);
  expect(listener.received).to.have.lengthOf(received);
  expect(overflows).to.be.at.most(dropped);

  let last = beginMonotonic;
  let lastSystem = beginSystem;
  for (const { timestamp } of listener.received) {
    expect(timestamp.monotonicNs >= last, 'monotonic time decreases').to.equal(true);
    expect(timestamp.systemNs >= lastSystem, 'system time decreases').to.equal(true);
    last = timestamp.monotonicNs;
    lastSystem = timestamp.systemNs;
  }
  expect(last <= endMonotonic).to.equal(true);
  expect(lastSystem <= endSystem).to.equal(true);
  const lengths = new Set(listener.received.map(({ frame }) => frame.data.length));
  expect(lengths.size, 'lengths are mixed').to.be.greaterThan(7);
  checkOrder(
    listener.received.map(({ frame }) => frame),
    dropped,
  );
  console.log(`        ${received} received, ${dropped} dropped by the kernel, of ${accepted}`);
  await listener.close();
  return dropped;
}

/** Each frame's identifier lies beyond that of the one before it, and all steps beyond one are the drops. */
function checkOrder(frames: readonly DataFrame[], dropped: number): void {
  let previous = -1;
  let missing = 0;
  for (const { identifier } of frames) {
    expect(identifier, 'a frame came twice or out of order').to.be.greaterThan(previous);
    missing += identifier - previous - 1;
    previous = identifier;
  }
  expect(missing + (FRAMES - 1 - previous)).to.equal(dropped);
}

/** 768 bytes of kernel memory a frame, and the kernel doubles what it is asked for. */
const ROOM_FOR_ALL = 16 * 1024 * 1024;

describe('SocketCANMedia under load', () => {
  it('delivers or counts each of 20000 classic frames of cangen, once and in order', async () => {
    expect(await flood(64 * 1024)).to.be.greaterThan(0);
  });

  it('delivers or counts each of 20000 CAN FD frames of cangen, once and in order', async () => {
    expect(await flood(64 * 1024, '-f', '-b')).to.be.greaterThan(0);
  });

  it('delivers all of 20000 classic frames when the receive buffer has room for them', async () => {
    expect(await flood(ROOM_FOR_ALL)).to.equal(0);
  });

  it('delivers all of 20000 CAN FD frames when the receive buffer has room for them', async () => {
    expect(await flood(ROOM_FOR_ALL, '-f')).to.equal(0);
  });
});
