import { neighbourOn } from './neighbour';

/** An example: it runs until the signal is aborted or its work is done. */
export type Example = (signal: AbortSignal, ...args: string[]) => Promise<void>;

/** How long an example lasts on buses of its own, where nobody presses Ctrl-C: a second of heartbeats. */
const BEATS = 50;

/**
 * Runs an example where its file is the program: with the arguments of the command line, or else those
 * given here. Ctrl-C ends it. On a `virtual:` bus it has a neighbour, and ends after a second.
 */
export function main(file: NodeJS.Module, example: Example, ...defaults: string[]): void {
  if (require.main !== file) return;
  const given = process.argv.slice(2);
  run(example, given.length > 0 ? given : defaults).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}

async function run(example: Example, args: readonly string[]): Promise<void> {
  const controller = new AbortController();
  const stop = (): void => {
    controller.abort();
  };
  process.once('SIGINT', stop);
  const buses = args.filter((name) => name.startsWith('virtual:'));
  const neighbours = await Promise.all(buses.map((name) => neighbourOn(name)));
  if (neighbours.length > 0) void Promise.all(neighbours.map((each) => each.beats(BEATS))).then(stop);
  try {
    await example(controller.signal, ...args);
  } finally {
    process.off('SIGINT', stop);
    await Promise.all(neighbours.map((neighbour) => neighbour.leave()));
  }
}
