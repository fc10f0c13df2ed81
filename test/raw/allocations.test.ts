import { expect } from 'chai';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { encodeFrame } from '../../src/frame/codec';
import { DataFrame } from '../../src/frame/data-frame';
import { RECORD } from '../../src/poller/record';
import { Ring } from '../../src/poller/ring';
import { CAN_RAW_RECORD } from '../../src/raw/kernel/record';
import { AcceptanceFilters } from '../../src/raw/filters/acceptance';
import { Reception } from '../../src/raw/receive/reception';
import { newCounters } from '../../src/raw/statistics';
import { Echoes } from '../../src/raw/receive/echoes';
import { QueueBench, request } from '../support/fakes/transmit-queue';
import { frames } from '../support/traffic/frames';
import { HANG_MS } from '../support/waiting/until';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const FRAMES = 1000;

/**
 * The bytes of heap that a call of the body takes in the long run, at most `enough` if it ever does. The
 * engine compiles the body in a thread of its own, which may get no CPU for a while: until then the body
 * takes more, and its first calls take the engine's own memory, too.
 */
async function allocated(body: () => unknown, enough: number): Promise<number> {
  for (let i = 0; i < 300; i++) await body();
  let least = Infinity;
  const end = performance.now() + HANG_MS;
  for (let i = 0; i < 10 || (least > enough && performance.now() < end); i++) {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const kept = await body();
    const after = process.memoryUsage().heapUsed;
    if (kept !== undefined && after > before) least = Math.min(least, after - before);
    await turn();
  }
  return least;
}

/*
 * The memory that each frame leaves to the garbage collector. Measured with Node 20 on x64: 480 bytes for a
 * received frame, 10 for a sent one. One more object for each frame exceeds the limits.
 */
const RECEIVED = 650;
const SENT = 30;

describe('1000 frames', () => {
  it('take five objects for each received frame: the frame, its data (2), its timestamp and the result', async () => {
    const ring = Ring.create(1024, CAN_RAW_RECORD);
    for (let slot = 0; slot < ring.slots; slot++) {
      const at = ring.offset(slot);
      encodeFrame(new DataFrame(11, slot, new Uint8Array(8)), ring.memory, at + RECORD.packet);
      ring.memory.words[(at + RECORD.length) >>> 2] = 16;
      ring.setTime(at, RECORD.system, 1_800_000_000, 1);
      ring.setTime(at, RECORD.monotonic, 1000, 1);
    }
    const reception = new Reception(newCounters(), new AcceptanceFilters(), new Echoes(), false);
    const bytes = await allocated(() => {
      ring.publish(FRAMES);
      return [reception.take(ring), reception.take(ring)];
    }, RECEIVED * FRAMES);
    expect(bytes / FRAMES).to.be.within(200, RECEIVED);
  });

  it('take less than one object for each sent frame', async () => {
    const list = frames(FRAMES);
    const bytes = await allocated(async () => {
      const { queue, sender } = new QueueBench<DataFrame>();
      // Without the memory of the fake sender.
      sender.send = (batch) => batch.count;
      sender.onSent = () => undefined;
      return queue.send(request(list));
    }, SENT * FRAMES);
    expect(bytes / FRAMES).to.be.at.most(SENT);
  });
});
