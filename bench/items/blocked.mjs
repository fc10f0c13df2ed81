import { receivePaced, warmUp } from './paced.mjs';

/** The contender's main thread is busy from its first frame on, for `ms`, while frames come at 4000 a second. */
function blocked(ms, frames) {
  return {
    role: 'receive',
    title: `${frames} frames at 4000/s, main thread busy for ${ms} ms, default receive buffer`,
    takesPart: ({ tool }) => tool === undefined,
    metrics: { lost: { title: 'lost', unit: '', better: 'less', absolute: true } },
    run: (venue, contender) =>
      venue.with(contender, { role: 'receive' }, async (pair) => {
        await warmUp(venue, pair);
        const before = async () => {
          pair.contender.tell(`BLOCK ${ms}`);
          await pair.contender.expect('ARMED');
        };
        const { lost } = await receivePaced(venue, pair, 4000, frames, { before, settleMs: 1500 });
        return { lost };
      }),
  };
}

export const for250ms = blocked(250, 2000);
export const for1s = blocked(1000, 6000);
