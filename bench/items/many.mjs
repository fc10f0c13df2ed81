import { receivePaced, warmUp } from './paced.mjs';

const RATE = 4000;

const metrics = {
  cpuUs: { title: 'CPU a frame', unit: 'µs', better: 'less' },
  p50: { title: 'latency p50', unit: 'µs', better: 'less' },
  lost: { title: 'lost', unit: '', better: 'less', absolute: true },
  threads: { title: 'threads of the process', unit: '', better: 'less', absolute: true },
};

function many(title, use, ids) {
  return {
    role: 'receive',
    title,
    takesPart: ({ tool }) => tool === undefined,
    metrics,
    run: (venue, contender, { quick }) =>
      venue.with(contender, { role: 'receive', latency: true, ...use }, async (pair) => {
        await warmUp(venue, pair, ids);
        return receivePaced(venue, pair, RATE, RATE * (quick ? 1 : 3), { ids });
      }),
  };
}

/** The same total rate over 1, 4 or 16 interfaces, in turn. */
export const interfaces = (count) => many(`${RATE} frames/s over ${count} interfaces`, { interfaces: count }, 256);

/** Filters for one identifier each, all of which come, in turn. */
export const filters = (count) => many(`${RATE} frames/s, ${count} filters`, { filters: count }, count);
