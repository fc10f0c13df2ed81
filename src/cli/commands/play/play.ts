import { ErrorFrame, parseLog, type LogRecord } from '../../../index';
import { Failure } from '../../main/failures';
import type { Terminal } from '../../main/terminal';
import { SendSummary } from '../../send/send-summary';
import { frameCount } from '../../text/frame-count';
import { Progress, progressBar } from '../../text/progress';
import { FrameSender } from './frame-sender';
import { LogInput } from './log-input';
import { Schedule, type ScheduleOptions } from './schedule';

export interface PlayOptions extends ScheduleOptions {
  /** `-`: stdin. */
  readonly path: string;
  /** The interfaces to send on, by interface of the log. Undefined: each frame goes to the interface of its line. */
  readonly targets: ReadonlyMap<string, readonly string[]> | undefined;
  /** Infinity: no limit. */
  readonly loops: number;
  /** Whether to skip invalid lines instead of stopping. */
  readonly skipBad: boolean;
  readonly timeoutMs: number;
  readonly json: boolean;
}

/** The numbers of lines and frames that the command did not send. */
interface Skipped {
  /** Invalid lines. */
  bad: number;
  errorFrames: number;
  /** Frames of interfaces without a target. */
  unassigned: number;
}

/** Runs the play command with checked options. Returns the exit code. */
export async function play(options: PlayOptions, io: Terminal): Promise<number> {
  const summary = new SendSummary(io.clock);
  const skipped: Skipped = { bad: 0, errorFrames: 0, unassigned: 0 };
  const sender = new FrameSender(summary, options.timeoutMs, io);
  const progress = new Progress(io);
  let failure: unknown;
  try {
    for (let loop = 0; loop < options.loops && !io.signal.aborted; loop++) {
      const before = summary.offered;
      await playOnce(options, sender, skipped, progress, io);
      if (options.loops === Infinity && summary.offered === before) {
        throw new Failure(`${options.path} has no frames to play without end`);
      }
    }
  } catch (error) {
    failure = error;
  } finally {
    summary.end();
    progress.clear();
    await sender.close();
  }
  // If the command failed before its first frame, the error message is enough.
  if (failure === undefined || summary.offered > 0 || options.json) {
    report(options, summary, skipped, io);
  }
  if (options.loops !== Infinity) io.signal.throwIfAborted();
  if (failure !== undefined && !io.signal.aborted) throw failure as Error;
  return summary.complete ? 0 : 1;
}

async function playOnce(
  { path, targets, skipBad, ...times }: PlayOptions,
  sender: FrameSender,
  skipped: Skipped,
  progress: Progress,
  io: Terminal,
): Promise<void> {
  const input = new LogInput(path, io);
  const schedule = new Schedule(times, io);
  const records = parseLog(input.chunks(), {
    onInvalid(line) {
      if (!skipBad) throw new Failure(`${path}: ${line.error.message}`, line.error);
      skipped.bad++;
    },
  });
  try {
    for await (const record of records) {
      const names = outputsFor(record, targets, skipped);
      if (names.length === 0) continue;
      for (const name of names) sender.open(name);
      // Frames that are due together are sent together, without a flush between them.
      if (schedule.next(record.systemNs)) {
        await sender.flush();
        await schedule.wait();
      }
      if (io.signal.aborted) break;
      for (const name of names) await sender.add(name, record.frame);
      progress.show(() => progressText(input, sender.summary));
    }
  } catch (error) {
    // Sends the frames before an invalid line.
    await sender.flush().catch(() => undefined);
    throw error;
  }
  await sender.flush();
}

/** Returns the interfaces to send a frame on. Counts a frame that is not sent. */
function outputsFor(
  { frame, interfaceName }: LogRecord,
  targets: PlayOptions['targets'],
  skipped: Skipped,
): readonly string[] {
  if (frame instanceof ErrorFrame) {
    skipped.errorFrames++;
    return [];
  }
  if (targets === undefined) return [interfaceName];
  const names = targets.get(interfaceName);
  if (names === undefined) skipped.unassigned++;
  return names ?? [];
}

function progressText({ size, bytesRead }: LogInput, { sent, rate }: SendSummary): string {
  const part = size === 0 ? '' : `${progressBar(bytesRead / size, 30)} ${((100 * bytesRead) / size).toFixed(0)} % `;
  return `${part}${frameCount(sent)}, ${rate.toFixed(0)}/s`;
}

function report({ path, json }: PlayOptions, summary: SendSummary, skipped: Skipped, io: Terminal): void {
  summary.write(io, `socketcan play ${path}`, json, { file: path, ...skipped });
  if (json) return;
  const { bad, errorFrames, unassigned } = skipped;
  if (bad > 0) io.report(`skipped ${bad} bad line${bad === 1 ? '' : 's'}`);
  if (errorFrames > 0) io.report(`skipped ${frameCount(errorFrames)}: error frames`);
  if (unassigned > 0) io.report(`skipped ${frameCount(unassigned)} of other interfaces`);
}
