import { sendByTool } from './tool.mjs';

/** Frames for warming up. */
const WARM = 15_000;

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
      const frames = (quick ? 20_000 : 60_000) / (venue.slowness > 1 ? 3 : 1);
      if (contender.tool !== undefined) return sendByTool(venue, contender, frames);
      const own = contender.c === undefined ? mode : contender.batches ? 'sendmmsg' : 'write';
      return venue.with(contender, { role: 'send', mode: own }, async ({ contender, feeder }) => {
        feeder.tell('sink');
        contender.tell(`GO ${WARM}`);
        await contender.result(venue.wait(60_000));
        contender.tell(`GO ${frames}`);
        const { ns, cpuUs } = await contender.result(venue.wait(60_000));
        feeder.tell('unsink');
        const sunk = Number(await feeder.expect('SUNK', venue.wait(10_000)));
        if (venue.kind === 'unix' && sunk !== frames + WARM) {
          throw new Error(`${sunk} of ${frames + WARM} frames arrived`);
        }
        return { perSecond: (frames * 1e9) / ns, cpuUs: cpuUs / frames };
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
