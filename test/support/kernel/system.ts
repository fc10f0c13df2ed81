import { load } from 'koffi';
import { clock_gettime } from '../../../src/libc/clock';
import { CLOCK_MONOTONIC, CLOCK_REALTIME } from '../../../src/libc/constants';
import { check } from '../../../src/libc/errors';
import { host } from '../../../src/libc/layouts';

/** tgkill(2): a signal to one thread of this process, by its number in /proc/self/task. */
export function signalThread(thread: number, signal: number): void {
  const tgkill = load(null).func('int tgkill(int, int, int)') as (
    process: number,
    thread: number,
    signal: number,
  ) => number;
  check(tgkill(process.pid, thread, signal), 'tgkill');
}

/** How far the system clock is ahead of the monotonic one, in ns. */
export function clockOffset(): bigint {
  return clock_gettime(CLOCK_REALTIME) - clock_gettime(CLOCK_MONOTONIC);
}

/** clock_settime(2): sets the system clock so far ahead of the monotonic one. Needs CAP_SYS_TIME. */
export function setClockOffset(ns: bigint): void {
  const settime = load(null).func('int clock_settime(int, const void *)') as (
    clock: number,
    time: Uint8Array,
  ) => number;
  const now = clock_gettime(CLOCK_MONOTONIC) + ns;
  const time = host.timespec.make({
    tv_sec: now / 1_000_000_000n,
    tv_nsec: now % 1_000_000_000n,
  });
  check(settime(CLOCK_REALTIME, time), 'clock_settime');
}
