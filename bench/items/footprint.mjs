import { Child } from '../harness/child.mjs';
import { BARE } from '../contenders/index.mjs';

/**
 * From the start of the process to the first frame in the handler, and memory after a thousand frames, both less
 * what a Node with nothing in it has, measured just before.
 */
export const footprint = {
  role: 'first',
  title: 'Over bare Node: memory, and time to the first frame',
  metrics: {
    rssMiB: { title: 'memory', unit: 'MiB', better: 'less', absolute: true },
    firstMs: { title: 'first frame', unit: 'ms', better: 'less', absolute: true },
    threads: { title: 'threads', unit: '', better: 'less', absolute: true },
  },
  async run(venue, contender) {
    const bare = await measured(venue, new Child(BARE.command));
    const own = await venue.with(contender, { role: 'first' }, async ({ contender, feeder }) => {
      feeder.tell('pace 2000 3000');
      return measured(venue, contender, false);
    });
    return {
      rssMiB: (own.rssKiB - bare.rssKiB) / 1024,
      firstMs: own.ms - bare.ms,
      threads: own.threads - bare.threads,
    };
  },
};

async function measured(venue, child, ends = true) {
  try {
    const { atNs, rssKiB, threads } = await child.result(venue.wait(20_000));
    return { ms: Number(BigInt(atNs) - child.startedNs) / 1e6, rssKiB, threads };
  } finally {
    if (ends) await child.end();
  }
}
