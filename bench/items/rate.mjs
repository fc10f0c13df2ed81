import { receivePaced, warmUp } from './paced.mjs';

const FIRST = 4000;
const LAST = 1_000_000;
/** The feeder cannot go faster when it reaches less than this part of what was asked. */
const REACHED = 0.9;

/**
 * The highest rate at which nothing is lost with the kernel's own receive buffer (278 frames): doubled until frames
 * are lost, then halved in between. Each try is of frames for some tenths of a second.
 */
export const rate = {
  role: 'receive',
  title: 'Highest rate without loss, default receive buffer (212 992 B)',
  takesPart: ({ tool }) => tool === undefined,
  metrics: { rate: { title: 'frames/s', unit: '1/s', better: 'more' } },
  run: (venue, contender, { quick }) =>
    venue.with(contender, { role: 'receive' }, async (pair) => {
      const seconds = quick ? 0.3 : 0.5;
      await warmUp(venue, pair);
      const once = async (wanted) => {
        const result = await receivePaced(venue, pair, wanted, Math.round(wanted * seconds));
        return { lost: result.lost, rate: result.rate, limited: result.rate < wanted * REACHED };
      };
      // A second chance: one moment without the CPU is enough to lose frames.
      const attempt = async (wanted) => {
        const first = await once(wanted);
        return first.lost === 0 ? first : once(wanted);
      };
      let good = 0;
      let bad = Infinity;
      for (let next = FIRST; next <= LAST; next *= 2) {
        const { lost, rate: reached, limited } = await attempt(next);
        if (lost > 0) {
          bad = next;
          break;
        }
        good = reached;
        if (limited) return { rate: good };
      }
      for (let step = 0; Number.isFinite(bad) && step < (quick ? 3 : 5); step++) {
        const next = Math.round(good === 0 ? bad / 2 : Math.sqrt(good * bad));
        const { lost, rate: reached, limited } = await attempt(next);
        if (lost > 0) bad = next;
        else good = Math.max(good, reached);
        if (lost === 0 && limited) break;
      }
      return { rate: good };
    }),
};
