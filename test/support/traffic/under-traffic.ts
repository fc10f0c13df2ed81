import { Traffic } from '../kernel/guest';

/** Writes frames on interfaces while a suite runs, each with its own identifier (base format). */
export function underTraffic(gapMs: number, identifiers: Readonly<Record<string, number>>): void {
  let all: Traffic[];
  before(() => {
    all = Object.entries(identifiers).map(([name, identifier]) => {
      return new Traffic(name, gapMs, '-I', identifier.toString(16));
    });
  });
  after(() => Promise.all(all.map((each) => each.stop())));
}
