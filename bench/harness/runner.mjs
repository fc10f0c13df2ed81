import { CONTENDERS, inRole, missing } from '../contenders/index.mjs';
import { WORK } from '../items/index.mjs';
import { machine } from './machine.mjs';
import { summary } from './stats.mjs';
import { Venue } from './venue.mjs';

/** Runs work items here: all contenders of one once, then again. */
export async function runHere({ kind, slowness, names, reps, quick, contenders, log }) {
  const venue = new Venue(kind, slowness);
  const absent = {};
  const present = CONTENDERS.filter((/** @type {any} */ each) => {
    if (contenders !== undefined && !contenders.some((part) => each.name.includes(part))) return false;
    const why = missing(each);
    if (why !== undefined) absent[each.name] = why;
    return why === undefined;
  });
  const results = {
    machine: machine(kind),
    began: new Date().toISOString(),
    reps,
    absent,
    work: {},
  };
  try {
    for (const name of names) {
      results.work[name] = await runWork(venue, WORK[name], present, { name, reps, quick, log });
    }
  } finally {
    venue.end();
  }
  results.machine.loadAfter = machine(kind).load;
  return results;
}

async function runWork(venue, work, present, { name, reps, quick, log }) {
  const those = work.contenders?.(present) ?? present.filter((each) => takesPart(name, work, each));
  const runs = new Map(those.map((each) => [each.name, []]));
  const failures = {};
  for (let rep = 0; rep < (work.reps?.(reps) ?? reps); rep++) {
    for (const each of those) {
      try {
        const figures = await work.run(venue, inRole(each, work.role), { quick });
        runs.get(each.name).push(figures);
        log(`${name} ${rep + 1}/${reps} ${each.name} ${JSON.stringify(rounded(figures))}`);
      } catch (error) {
        failures[each.name] = error.message;
        log(`${name} ${rep + 1}/${reps} ${each.name} failed: ${error.message}`);
      }
    }
  }
  const figures = {};
  for (const [contender, list] of runs) {
    if (list.length > 0) figures[contender] = summarized(work, list);
  }
  return { figures, failures };
}

function takesPart(name, work, contender) {
  if (contender.onlyFor?.includes(name) === false) return false;
  return contender.roles.includes(work.role) && (work.takesPart?.(contender) ?? true);
}

function summarized(work, list) {
  return Object.fromEntries(
    Object.keys(work.metrics).map((metric) => [metric, summary(list.map((each) => each[metric]))]),
  );
}

function rounded(figures) {
  return Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, Number(value.toPrecision(4))]));
}
