import { median } from '../harness/stats.mjs';
import { LARGE_BUFFER } from '../harness/venue.mjs';
import { drainByTool } from './tool.mjs';

/**
 * Rounds for warming up: what runs in Node is compiled only when it has run often. In the emulated guest it was
 * still getting faster after 100 000 frames.
 */
const warmRounds = ({ slowness }) => (slowness > 1 ? 24 : 10);

/**
 * N frames wait in the socket while the contender is stopped (SIGSTOP); the time is from SIGCONT to the moment it
 * has handled the last one. Several rounds a process, and the
 * median of their times.
 */
function drain(fd) {
  return {
    role: 'receive',
    title: `Drain of queued ${fd ? 'CAN FD' : 'classic'} frames`,
    metrics: {
      perSecond: { title: 'frames/s', unit: '1/s', better: 'more' },
      cpuUs: { title: 'CPU a frame', unit: 'µs', better: 'less' },
    },
    async run(venue, contender, { quick, ...options }) {
      const frames = venue.slowness > 1 ? 5000 : 20_000;
      const counted = options.rounds ?? (quick ? 5 : 9);
      if (contender.tool !== undefined) {
        const { ns, cpuUs } = await drainByTool(venue, contender, fd, frames);
        return { perSecond: (frames * 1e9) / ns, cpuUs: cpuUs / frames };
      }
      return venue.with(contender, { role: 'receive', fd, buffer: LARGE_BUFFER }, async (pair) => {
        const times = [];
        let cpu = 0;
        for (let round = -warmRounds(venue); round < counted; round++) {
          const each = await drainOnce(venue, pair, frames);
          if (round < 0) continue;
          times.push(each.ns);
          cpu += each.cpuUs;
        }
        return { perSecond: (frames * 1e9) / median(times), cpuUs: cpu / (counted * frames) };
      });
    },
  };
}

async function drainOnce(venue, { contender, feeder }, frames) {
  contender.tell(`MARK ${frames}`);
  await contender.expect('MARKED', venue.wait(5000));
  await new Promise((resolve) => setTimeout(resolve, venue.wait(20)));
  contender.signal('SIGSTOP');
  let begin;
  try {
    feeder.tell(`fill ${frames}`);
    const filled = Number(await feeder.expect('FILLED', venue.wait(30_000)));
    if (filled !== frames) throw new Error(`only ${filled} of ${frames} frames fit`);
  } finally {
    begin = process.hrtime.bigint();
    contender.signal('SIGCONT');
  }
  const result = await contender.result(venue.wait(30_000));
  return { ns: Number(BigInt(result.atNs) - begin), cpuUs: result.cpuUs };
}

export const classic = drain(false);
export const fd = drain(true);
