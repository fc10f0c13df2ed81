/** Sends N frames, one by one (each awaited where the library has promises) or 64 a call. */
function send(mode) {
  return {
    role: 'send',
    title: mode === 'one' ? 'Send, one by one' : 'Send, in batches of 64',
    takesPart: (contender) => (contender.batches ?? false) === (mode === 'batch') || contender.ours,
    metrics: {
      perSecond: { title: 'frames/s', unit: '1/s', better: 'more' },
      cpuUs: { title: 'CPU a frame', unit: 'µs', better: 'less' },
    },
    async run(venue, contender, { quick }) {
      const frames = (quick ? 20_000 : 60_000) / (venue.slowness > 1 ? 5 : 1);
      const own = contender.c === undefined ? mode : mode === 'one' ? 'write' : 'sendmmsg';
      return venue.with(contender, { role: 'send', mode: own }, async ({ contender, feeder }) => {
        feeder.tell('sink');
        contender.tell(`GO ${frames / 4}`);
        await contender.result(venue.wait(60_000));
        contender.tell(`GO ${frames}`);
        const { ns, cpuUs } = await contender.result(venue.wait(60_000));
        feeder.tell('unsink');
        const sunk = Number(await feeder.expect('SUNK', venue.wait(10_000)));
        if (venue.kind === 'unix' && sunk !== frames * 1.25) {
          throw new Error(`${sunk} of ${frames * 1.25} frames arrived`);
        }
        return { perSecond: (frames * 1e9) / ns, cpuUs: cpuUs / frames };
      });
    },
  };
}

export const one = send('one');
export const batch = send('batch');
