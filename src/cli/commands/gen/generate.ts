import { CANSocket, type Frame } from '../../../index';
import { frames as framesText } from '../../receive/account';
import type { Terminal } from '../../main/command';
import { bar, Progress } from '../../main/progress';
import { SendAccount } from '../../send/sent';
import { pauseUntil, Turns } from '../../main/wait';
import { FrameSource, type Pattern } from './pattern';
import { Random } from './random';

export interface GenerateOptions {
  readonly pattern: Pattern;
  readonly seed: number;
  /** Frames a second; Infinity: as fast as the kernel takes them. */
  readonly rate: number;
  readonly burst: number;
  /** Infinity: without end. */
  readonly count: number;
  readonly timeMs: number;
  readonly timeoutMs: number;
  readonly json: boolean;
}

/** Frames handed over in one call: the window of what is outstanding. */
const WINDOW = 256;

/** The gen command, from checked options. */
export async function generate(interfaceName: string, options: GenerateOptions, io: Terminal): Promise<number> {
  const socket = new CANSocket(interfaceName);
  const account = new SendAccount(io.clock);
  const progress = new Progress(io);
  let failure: unknown;
  try {
    await send(socket, options, account, progress, io);
  } catch (error) {
    failure = error;
  } finally {
    account.end();
    progress.clear();
    await socket.close();
  }
  const { seed, json, count, timeMs } = options;
  account.report(io, `socketcan gen ${interfaceName}`, json, { interface: interfaceName, seed });
  if (failure !== undefined && !io.signal.aborted) throw failure as Error;
  // Without an end of its own, the interruption is the end.
  if (io.signal.aborted && (count !== Infinity || timeMs !== Infinity)) io.signal.throwIfAborted();
  return account.complete ? 0 : 1;
}

async function send(
  socket: CANSocket,
  options: GenerateOptions,
  account: SendAccount,
  progress: Progress,
  { signal, clock }: Terminal,
): Promise<void> {
  const { pattern, seed, rate, burst, count, timeMs, timeoutMs } = options;
  const source = new FrameSource(pattern, new Random(seed));
  const startNs = clock.now();
  const turns = new Turns(clock);
  const elapsedMs = (): number => Number(clock.now() - startNs) / 1e6;
  while (account.offered < count && !signal.aborted) {
    // A wait may end so much early, see pauseUntil().
    const nowMs = elapsedMs() + 0.5;
    if (nowMs >= timeMs) return;
    const due = Math.min(dueBy(nowMs, rate, burst, account.offered), count - account.offered, WINDOW);
    if (due === 0) {
      const nextMs = (account.offered * 1000) / rate;
      const untilMs = Math.min(nextMs, timeMs);
      await pauseUntil(startNs + BigInt(Math.ceil(untilMs * 1e6)), clock, signal);
      continue;
    }
    await sendBatch(socket, source.take(due), timeoutMs, account, signal);
    await turns.give();
    progress.show(() => progressText(options, account, elapsedMs()));
  }
}

/** How many frames more should have been offered by now; bursts are whole. */
function dueBy(nowMs: number, rate: number, burst: number, offered: number): number {
  if (rate === Infinity) return WINDOW;
  const bursts = Math.floor((nowMs * rate) / 1000 / burst) + 1;
  return Math.max(0, bursts * burst - offered);
}

async function sendBatch(
  socket: CANSocket,
  frames: readonly Frame[],
  timeoutMs: number,
  account: SendAccount,
  signal: AbortSignal,
): Promise<void> {
  try {
    account.add(frames.length, await socket.send(frames, { timeoutMs, signal }));
  } catch (error) {
    account.addFailed(frames.length, error);
    throw error;
  }
}

function progressText(
  { count, timeMs }: GenerateOptions,
  { offered, sent, rate }: SendAccount,
  elapsedMs: number,
): string {
  const part = Math.max(offered / count, elapsedMs / timeMs);
  const shown = count === Infinity && timeMs === Infinity ? '' : `${bar(part, 30)} `;
  return `${shown}${framesText(sent)}, ${rate.toFixed(0)}/s`;
}
