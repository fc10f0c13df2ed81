import { readFileSync, writeFileSync } from 'node:fs';

/*
 * Root's processes go ahead of what else the machine does, all contenders alike; BENCH_NICE=0 keeps them from it.
 * Where the kernel groups processes by session (sched_autogroup_enabled), nice values count within a session only,
 * and the session has one of its own.
 */
const nice = process.env.BENCH_NICE ?? '-20';

/** What a command is preceded by. */
export const AHEAD = process.getuid?.() === 0 && nice !== '0' ? ['nice', '-n', nice] : [];

const AUTOGROUP = '/proc/self/autogroup';

/** For the session this process is in, until it ends. */
export function goAhead() {
  if (AHEAD.length === 0) return;
  try {
    const before = /nice (-?\d+)/.exec(readFileSync(AUTOGROUP, 'utf8'))?.[1] ?? '0';
    writeFileSync(AUTOGROUP, nice);
    process.on('exit', () => writeFileSync(AUTOGROUP, before));
  } catch {
    // There are no such groups.
  }
}
