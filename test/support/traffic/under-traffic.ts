import { Traffic } from '../kernel/guest';

/** Keeps interfaces busy while a suite runs, each with frames of its own identifier (base format). */
export function underTraffic(gapMs: number, identifiers: Readonly<Record<string, number>>): void {
  let all: Traffic[];
  before(() => {
    all = Object.entries(identifiers).map(([name, identifier]) => {
      return new Traffic(name, gapMs, '-I', identifier.toString(16));
    });
  });
  after(() => Promise.all(all.map((each) => each.stop())));
}
