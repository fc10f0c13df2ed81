import { pacedByTool } from './tool.mjs';

/**
 * Frames at equal distances, each with the time before its write in it: CPU of the receiver and how late its
 * handler is.
 */
export function paced(rate, { seconds = 3 } = {}) {
  return {
    role: 'receive',
    title: `${rate} frames/s`,
    metrics: {
      cpuUs: { title: 'CPU a frame', unit: 'µs', better: 'less' },
      p50: { title: 'latency p50', unit: 'µs', better: 'less' },
      p99: { title: 'p99', unit: 'µs', better: 'less' },
      p999: { title: 'p99.9', unit: 'µs', better: 'less' },
      lost: { title: 'lost', unit: '', better: 'less', absolute: true },
    },
    async run(venue, contender, { quick }) {
      const frames = rate * (quick ? 1 : seconds);
      if (contender.tool !== undefined) return pacedByTool(venue, contender, rate, frames);
      return venue.with(contender, { role: 'receive', latency: true }, async (pair) => {
        await warmUp(venue, pair);
        return receivePaced(venue, pair, rate, frames);
      });
    },
  };
}

/** Frames that come alone, for warming up: what is done for each wake is compiled by them, and not by bursts. */
const ALONE = 8000;

/**
 * Until what runs in Node is compiled: bursts of 200 frames, each handled before the next, and frames that come
 * alone, as many in a second as are told apart by all.
 */
export async function warmUp(venue, pair, ids = 256) {
  await warmUpByBursts(venue, pair, ids);
  await receivePaced(venue, pair, ALONE / venue.slowness, ALONE, { ids });
}

async function warmUpByBursts(venue, { contender, feeder }, ids) {
  const bursts = venue.slowness > 1 ? 400 : 100;
  for (let burst = 0; burst < bursts; burst++) {
    contender.tell('MARK 200');
    await contender.expect('MARKED', venue.wait(5000));
    feeder.tell(`fill 200 ${ids}`);
    await feeder.expect('FILLED', venue.wait(5000));
    if ((await contender.hear('RESULT', venue.wait(300))) !== undefined) continue;
    contender.tell('STAT');
    await contender.expect('RESULT', venue.wait(5000));
  }
}

/** One run at a rate. `before` may tell the contender something when it counts. */
export async function receivePaced(venue, { contender, feeder }, rate, frames, options = {}) {
  const { ids = 256, before = async () => undefined } = options;
  contender.tell(`MARK ${frames}`);
  await contender.expect('MARKED', venue.wait(5000));
  await before();
  feeder.tell(`pace ${rate} ${frames} ${ids}`);
  const limit = venue.wait(20_000 + (frames / rate) * 1000);
  const fed = JSON.parse(await feeder.expect('PACED', limit));
  let heard = await contender.hear('RESULT', venue.wait(options.settleMs ?? 300));
  if (heard === undefined) {
    contender.tell('STAT');
    heard = await contender.expect('RESULT', venue.wait(10_000));
  }
  const { cpuUs, frames: received, p50, p99, p999, threads } = JSON.parse(heard);
  return {
    cpuUs: received === 0 ? NaN : cpuUs / received,
    p50,
    p99,
    p999,
    lost: fed.sent - received,
    threads,
    rate: fed.rate,
  };
}

export const at1k = paced(1000);
export const at4k = paced(4000);
export const at10k = paced(10_000);
