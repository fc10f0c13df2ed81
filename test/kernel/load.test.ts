import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { DataFrame } from '../../src';
import { addVcan, removeLink } from '../support/kernel/guest';
import { carried } from '../support/kernel/vxcan';
import { FULL } from '../support/processes/nodes';
import { block } from '../support/processes/process';
import { until } from '../support/waiting/until';
import { ListeningMedia } from '../support/sockets/media';

/** An interface of its own, whose counts start at 0. */
const NAME = 'vcan7';
const FRAMES = FULL ? 20_000 : 10_000;

/** More frames than a socket keeps for a thread that does not read: 4096, and 170 in the kernel. */
const MORE_THAN_KEPT = 6000;

/**
 * cangen(1) at full speed: the identifiers count up (-I i), so that order, loss and repetition
 * can be read from them, and so do the lengths (-L i).
 */
function cangen(...more: readonly string[]): Promise<unknown> {
  const args = `${NAME} -g 0 -n ${FRAMES} -e -I i -L i -D i -p 10`.split(' ');
  return promisify(execFile)('cangen', [...args, ...more]);
}

/** Blocks this thread until so many frames were sent, so that it cannot receive any of them. */
function blockFor(frames: number): void {
  const end = Math.min(carried(NAME) + frames, FRAMES);
  while (carried(NAME) < end) block(5);
}

/** Receives the frames of cangen. Returns the number of dropped frames, and how many 'overflow' reported. */
async function flood(
  receiveBufferSize: number,
  blocked: boolean,
  ...args: readonly string[]
): Promise<{ dropped: number; overflows: number }> {
  const listener = new ListeningMedia(NAME, 64, { receiveBufferSize });
  const { media } = listener;
  let overflows = 0;
  media.on('overflow', (lost) => (overflows += lost));
  const beginMonotonic = process.hrtime.bigint();
  const beginSystem = BigInt(Date.now()) * 1_000_000n;
  const sending = cangen(...args);
  await listener.until(1);
  if (blocked) blockFor(MORE_THAN_KEPT);
  await sending;
  expect(carried(NAME)).to.equal(FRAMES);
  await until(() => {
    const { received, dropped } = media.statistics;
    return received + dropped >= FRAMES;
  }, 'all frames are received or counted as dropped');
  const endMonotonic = process.hrtime.bigint();
  const endSystem = BigInt(Date.now() + 1) * 1_000_000n;

  const { received, dropped, unsupported } = media.statistics;
  expect(received + dropped).to.equal(FRAMES);
  expect(unsupported).to.equal(0);
  expect(listener.received).to.have.lengthOf(received);
  expect(overflows).to.be.at.most(dropped);

  const times = (clock: 'monotonicNs' | 'systemNs') => listener.received.map(({ timestamp }) => timestamp[clock]);
  checkTimes('monotonic', [beginMonotonic, ...times('monotonicNs'), endMonotonic]);
  checkTimes('system', [beginSystem, ...times('systemNs'), endSystem]);
  const frames = listener.received.map(({ frame }) => frame);
  const lengths = new Set(frames.map(({ data }) => data.length));
  expect(lengths.size, 'different lengths').to.be.greaterThan(7);
  checkOrder(frames, dropped);
  await listener.close();
  return { dropped, overflows };
}

function checkTimes(clock: string, times: readonly bigint[]): void {
  const early = times.findIndex((time, i) => i > 0 && time < (times[i - 1] as bigint));
  expect(early, `the frame whose ${clock} time is before the last one's`).to.equal(-1);
}

/** Each frame's identifier is higher than that of the one before it, and all gaps are the drops. */
function checkOrder(frames: readonly DataFrame[], dropped: number): void {
  const identifiers = frames.map(({ identifier }) => identifier);
  const wrong = identifiers.findIndex((each, i) => i > 0 && each <= (identifiers[i - 1] as number));
  expect(wrong, 'the frame that came twice or out of order').to.equal(-1);
  expect(identifiers.at(-1)).to.be.lessThan(FRAMES);
  expect(FRAMES - identifiers.length).to.equal(dropped);
}

/** 768 bytes of kernel memory a frame, and the kernel doubles the requested size. */
const ROOM_FOR_ALL = 16 * 1024 * 1024;
const ROOM_FOR_FEW = 64 * 1024;

describe('SocketCANMedia under load', () => {
  beforeEach(() => {
    addVcan(NAME);
  });
  afterEach(() => {
    removeLink(NAME);
  });

  for (const [kind, ...args] of [['classic'], ['CAN FD', '-f', '-b']] as const) {
    it(`delivers or counts each of ${FRAMES} ${kind} frames in order while its thread is blocked`, async () => {
      const { dropped, overflows } = await flood(ROOM_FOR_FEW, true, ...args);
      expect(dropped).to.be.greaterThan(0);
      expect(overflows).to.be.greaterThan(0);
    });

    it(`delivers all of ${FRAMES} ${kind} frames when the receive buffer holds them`, async () => {
      expect(await flood(ROOM_FOR_ALL, false, ...args)).to.include({ dropped: 0, overflows: 0 });
    });
  }
});
