import { median } from '../harness/stats.mjs';
import { sendByTool } from './tool.mjs';

/** Parts that are timed by themselves: their median is not that of what else the machine did for a moment. */
const PARTS = 10;
/** Frames for warming up. */
const WARM = 100_000;

/** Sends N frames, one by one (each awaited where the library has promises) or 64 a call. */
function send(mode) {
  return {
    role: 'send',
    title: mode === 'one' ? 'Send, one by one' : 'Send, in batches of 64',
    takesPart: (contender) => takesPart(contender, mode),
    metrics: {
      perSecond: { title: 'frames/s', unit: '1/s', better: 'more' },
      cpuUs: { title: 'CPU a frame', unit: 'µs', better: 'less' },
    },
    async run(venue, contender, { quick }) {
      const frames = (quick ? 50_000 : 200_000) / (venue.slowness > 1 ? 2 : 1);
      if (contender.tool !== undefined) return sendByTool(venue, contender, frames);
      const own = contender.c === undefined ? mode : contender.batches ? 'sendmmsg' : 'write';
      return venue.with(contender, { role: 'send', mode: own }, async ({ contender, feeder }) => {
        feeder.tell('sink');
        contender.tell(`GO ${WARM}`);
        await contender.result(venue.wait(60_000));
        const times = [];
        let cpu = 0;
        for (let part = 0; part < PARTS; part++) {
          contender.tell(`GO ${frames / PARTS}`);
          const { ns, cpuUs } = await contender.result(venue.wait(60_000));
          times.push(ns);
          cpu += cpuUs;
        }
        feeder.tell('unsink');
        const sunk = Number(await feeder.expect('SUNK', venue.wait(10_000)));
        if (venue.kind === 'unix' && sunk !== frames + WARM) {
          throw new Error(`${sunk} of ${frames + WARM} frames arrived`);
        }
        return { perSecond: (frames / PARTS / median(times)) * 1e9, cpuUs: cpu / frames };
      });
    },
  };
}

/** Who has no batches is measured beside them with its only way, if it is a baseline or a package for Node. */
function takesPart({ batches = false, c, node = false }, mode) {
  return mode === 'one' ? c === undefined || !batches : batches || node || c !== undefined;
}

export const one = send('one');
export const batch = send('batch');
