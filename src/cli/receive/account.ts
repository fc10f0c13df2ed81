import { Failure } from '../main/command';
import type { Heard } from './listen';

/** What became of the frames of the interfaces that were listened on, a line each, for stderr. */
export function heardLines(heard: readonly Heard[]): string[] {
  return heard.map(({ interfaceName, frames: received, statistics, droppedBefore }) => {
    const { dropped, unsupported } = statistics;
    const odd = unsupported === 0 ? '' : `, ${unsupported} malformed`;
    const before =
      droppedBefore === 0
        ? ''
        : `; the interface itself dropped ${droppedBefore} (driver, or net.core.netdev_max_backlog)`;
    return `${interfaceName}: received ${frames(received)}, lost ${dropped}${odd}${before}`;
  });
}

/** `1 frame`, `2 frames`. */
export function frames(count: number): string {
  return `${count} frame${count === 1 ? '' : 's'}`;
}

/** The error with what of a log is on the disk in spite of it. */
export function withSafe(error: unknown, lines: number): Error {
  const failure = error instanceof Error ? error : new Failure(String(error));
  if (lines === 0) return failure;
  return new Failure(`${failure.message}; ${frames(lines)} before that are safe in the log`, error);
}
