import { LARGE_BUFFER } from '../harness/venue.mjs';

/**
 * N frames wait in the socket while the contender is stopped (SIGSTOP); the time is from SIGCONT to the moment it
 * has handled the last one. Several rounds a process, the first, which are for warming up, not counted.
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
      const rounds = options.rounds ?? (quick ? 4 : 12);
      return venue.with(contender, { role: 'receive', fd, buffer: LARGE_BUFFER }, async (pair) => {
        let ns = 0;
        let cpu = 0;
        let counted = 0;
        for (let round = 0; round < rounds; round++) {
          const each = await drainOnce(venue, pair, frames);
          if (round < rounds / 4) continue;
          ns += each.ns;
          cpu += each.cpuUs;
          counted += frames;
        }
        return { perSecond: (counted * 1e9) / ns, cpuUs: cpu / counted };
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
