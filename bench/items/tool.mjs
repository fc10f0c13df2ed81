import { LARGE_BUFFER } from '../harness/venue.mjs';

/*
 * candump and cangen know nothing of this bench: they are told how many frames, run under bench/c/rusage.c, and a
 * run for a single frame is subtracted as their start.
 */

const START = 1;

/** As in ./drain.mjs, in one round. */
export async function drainByTool(venue, contender, fd, frames) {
  const run = (count) =>
    venue.with(contender, { role: 'receive', fd, buffer: LARGE_BUFFER, frames: count }, async (pair) => {
      const pid = Number(await pair.contender.expect('PID', venue.wait(5000)));
      await opened(venue);
      process.kill(pid, 'SIGSTOP');
      pair.feeder.tell(`fill ${count}`);
      await pair.feeder.expect('FILLED', venue.wait(30_000));
      const begin = process.hrtime.bigint();
      process.kill(pid, 'SIGCONT');
      const { atNs, cpuUs } = await pair.contender.result(venue.wait(30_000));
      return { ns: Number(BigInt(atNs) - begin), cpuUs };
    });
  const start = await run(START);
  const whole = await run(frames + START);
  return { ns: whole.ns - start.ns, cpuUs: whole.cpuUs - start.cpuUs };
}

/** Only CPU: it does not tell when it has seen a frame. */
export async function pacedByTool(venue, contender, rate, frames) {
  const run = (count) =>
    venue.with(contender, { role: 'receive', frames: count }, async ({ contender, feeder }) => {
      await opened(venue);
      feeder.tell(`pace ${rate} ${count} 256`);
      await feeder.expect('PACED', venue.wait(20_000 + (count / rate) * 1000));
      // It waits for as many frames as it was told; in place of those that were lost come others.
      for (let late = 0; late < 20; late++) {
        const heard = await contender.hear('RESULT', venue.wait(300));
        if (heard !== undefined) return JSON.parse(heard);
        feeder.tell('fill 100');
        await feeder.expect('FILLED', venue.wait(5000));
      }
      throw new Error('it did not see all frames');
    });
  const start = await run(START);
  const whole = await run(frames + START);
  return { cpuUs: (whole.cpuUs - start.cpuUs) / frames, p50: NaN, p99: NaN, p999: NaN, lost: NaN };
}

export async function sendByTool(venue, contender, frames) {
  const run = (count) =>
    venue.with(contender, { role: 'send', frames: count }, async ({ contender, feeder }) => {
      const begin = process.hrtime.bigint();
      feeder.tell('sink');
      const { atNs, cpuUs } = await contender.result(venue.wait(60_000));
      feeder.tell('unsink');
      await feeder.expect('SUNK', venue.wait(10_000));
      return { ns: Number(BigInt(atNs) - begin), cpuUs };
    });
  const start = await run(START);
  const whole = await run(frames + START);
  return {
    perSecond: (frames * 1e9) / (whole.ns - start.ns),
    cpuUs: (whole.cpuUs - start.cpuUs) / frames,
  };
}

/** In a CAN kernel nobody sees a tool open its socket. */
function opened(venue) {
  return new Promise((resolve) => setTimeout(resolve, venue.wait(100)));
}
