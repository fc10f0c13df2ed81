import { for1s, for250ms } from './blocked.mjs';
import { classic, fd } from './drain.mjs';
import { footprint } from './footprint.mjs';
import { filters, interfaces } from './many.mjs';
import { at10k, at1k, at4k } from './paced.mjs';
import { pingPong } from './ping-pong.mjs';
import { rate } from './rate.mjs';
import { batch, one } from './send.mjs';

/**
 * What is measured, by the name for --only; a name's first part stands for all that begin with it.
 *
 * @typedef {object} Metric
 * @property {string} title
 * @property {string} unit
 * @property {string} better 'more' or 'less'
 * @property {boolean} [absolute] no ratio to the baseline is meant
 *
 * @typedef {object} Work
 * @property {string} title
 * @property {string} role 'receive', 'send', 'pong' or 'first'
 * @property {Record<string, Metric>} metrics
 * @property {(contender: any) => boolean} [takesPart]
 * @property {(venue: any, contender: any, options: {quick: boolean}) => Promise<Record<string, number>>} run
 */

/** @type {Readonly<Record<string, Work>>} */
export const WORK = {
  'drain-classic': classic,
  'drain-fd': fd,
  'send-one': one,
  'send-batch': batch,
  'ping-pong': pingPong,
  'paced-1k': at1k,
  'paced-4k': at4k,
  'paced-10k': at10k,
  rate,
  'blocked-250ms': for250ms,
  'blocked-1s': for1s,
  footprint,
  'interfaces-1': interfaces(1),
  'interfaces-4': interfaces(4),
  'interfaces-16': interfaces(16),
  'filters-1': filters(1),
  'filters-64': filters(64),
  'filters-512': filters(512),
};

export function chosen(only) {
  const names = Object.keys(WORK);
  if (only === undefined) return names;
  const found = only.flatMap((word) => {
    const those = names.filter((name) => name === word || name.startsWith(`${word}-`));
    if (those.length === 0) throw new Error(`no work named ${word}; there are ${names.join(', ')}`);
    return those;
  });
  return names.filter((name) => found.includes(name));
}
