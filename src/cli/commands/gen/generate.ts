import { CANSocket } from '../../../index';
import type { Terminal } from '../../main/terminal';
import { FRAMES_PER_CALL, sendFrames } from '../../send/send-frames';
import { SendSummary } from '../../send/send-summary';
import { frameCount } from '../../text/frame-count';
import { Progress, progressBar } from '../../text/progress';
import { PeriodicYield } from '../../time/periodic-yield';
import { pauseUntil } from '../../time/wait';
import { FrameGenerator, type FramePattern } from './frame-generator';
import { Random } from './random';

export interface GenerateOptions {
  readonly pattern: FramePattern;
  readonly seed: number;
  /** Frames per second; Infinity: as fast as the kernel accepts them. */
  readonly rate: number;
  /** Frames sent together. */
  readonly burst: number;
  /** Infinity: no limit. */
  readonly count: number;
  /** Infinity: no limit. */
  readonly timeMs: number;
  readonly timeoutMs: number;
  readonly json: boolean;
}

/** Runs the gen command with checked options. Returns the exit code. */
export async function generate(interfaceName: string, options: GenerateOptions, io: Terminal): Promise<number> {
  const socket = new CANSocket(interfaceName);
  const summary = new SendSummary(io.clock);
  const progress = new Progress(io);
  let failure: unknown;
  try {
    await send(socket, options, summary, progress, io);
  } catch (error) {
    failure = error;
  } finally {
    summary.end();
    progress.clear();
    await socket.close();
  }
  const { seed, json, count, timeMs } = options;
  summary.write(io, `socketcan gen ${interfaceName}`, json, { interface: interfaceName, seed });
  if (failure !== undefined && !io.signal.aborted) throw failure as Error;
  // Without a count and a time, an interrupt is the normal end.
  if (io.signal.aborted && (count !== Infinity || timeMs !== Infinity)) io.signal.throwIfAborted();
  return summary.complete ? 0 : 1;
}

async function send(
  socket: CANSocket,
  options: GenerateOptions,
  summary: SendSummary,
  progress: Progress,
  { signal, clock }: Terminal,
): Promise<void> {
  const { pattern, seed, rate, burst, count, timeMs, timeoutMs } = options;
  const generator = new FrameGenerator(pattern, new Random(seed));
  const startNs = clock.now();
  const periodicYield = new PeriodicYield(clock);
  const elapsedMs = (): number => Number(clock.now() - startNs) / 1e6;
  while (summary.offered < count && !signal.aborted) {
    // pauseUntil() may return half a millisecond early.
    const nowMs = elapsedMs() + 0.5;
    if (nowMs >= timeMs) return;
    const due = Math.min(framesDue(nowMs, rate, burst) - summary.offered, count - summary.offered, FRAMES_PER_CALL);
    if (due <= 0) {
      const nextMs = (summary.offered * 1000) / rate;
      const untilMs = Math.min(nextMs, timeMs);
      await pauseUntil(startNs + BigInt(Math.ceil(untilMs * 1e6)), clock, signal);
      continue;
    }
    await sendFrames(socket, generator.take(due), { timeoutMs, signal }, summary);
    await periodicYield.yieldIfDue();
    progress.show(() => progressText(options, summary, elapsedMs()));
  }
}

/** How many frames should have been sent by a time. Bursts are not split. */
function framesDue(timeMs: number, rate: number, burst: number): number {
  if (rate === Infinity) return Infinity;
  const bursts = Math.floor((timeMs * rate) / 1000 / burst) + 1;
  return bursts * burst;
}

function progressText(
  { count, timeMs }: GenerateOptions,
  { offered, sent, rate }: SendSummary,
  elapsedMs: number,
): string {
  const part = Math.max(offered / count, elapsedMs / timeMs);
  const shown = count === Infinity && timeMs === Infinity ? '' : `${progressBar(part, 30)} `;
  return `${shown}${frameCount(sent)}, ${rate.toFixed(0)}/s`;
}
