import { setTimeout as sleep } from 'node:timers/promises';
// In a project of your own: from 'socketcan-ffi'.
import { CANSocket, DataFrame, FrameFormat, type Frame } from '../src';
import { main } from './support/main';

/*
 * Sends a frame every 10 ms, and does not drift: the n-th is due n periods after the first, by the
 * monotonic clock, however late its predecessors were.
 *
 *   npm run example periodic [INTERFACE]
 */

/** What became of the periods: sent + expired + skipped is how many there have been. */
export interface Periods {
  sent: number;
  /** The bus did not take the frame before the next was due. */
  expired: number;
  /** This process was busy, or asleep, for longer than a period. */
  skipped: number;
}

/** Sends `frameOf(n)` at start + n periods, until the signal is aborted. */
export async function sendPeriodically(
  socket: CANSocket,
  frameOf: (n: number) => Frame,
  periodMs: number,
  signal: AbortSignal,
): Promise<Periods> {
  const periodNs = BigInt(Math.round(periodMs * 1e6));
  const startNs = process.hrtime.bigint();
  const periods: Periods = { sent: 0, expired: 0, skipped: 0 };
  for (let n = 0; !signal.aborted; n++) {
    const late = Number((process.hrtime.bigint() - startNs) / periodNs) - n;
    if (late > 0) {
      // Catching up would be a burst of old frames.
      periods.skipped += late;
      n += late;
    }
    const dueNs = startNs + BigInt(n) * periodNs;
    await until(dueNs);
    // Nothing of this period is sent in the next.
    const { sent, expired } = await socket.send(frameOf(n), { deadlineNs: dueNs + periodNs });
    periods.sent += sent;
    periods.expired += expired;
  }
  return periods;
}

/** Waits for a moment on the clock of process.hrtime.bigint(). A timer may be a little early: then once more. */
async function until(atNs: bigint): Promise<void> {
  for (;;) {
    const leftMs = Number(atNs - process.hrtime.bigint()) / 1e6;
    if (leftMs <= 0) return;
    await sleep(Math.ceil(leftMs));
  }
}

export async function periodic(signal: AbortSignal, interfaceName: string): Promise<void> {
  await using socket = new CANSocket(interfaceName);
  const frameOf = (n: number): Frame => new DataFrame(FrameFormat.Base, 0x180, Uint8Array.of(n & 0xff));
  const { sent, expired, skipped } = await sendPeriodically(socket, frameOf, 10, signal);
  console.log(`${sent} sent, ${expired} expired, ${skipped} skipped, one every 10 ms`);
}

main(module, periodic, 'virtual:periodic');
