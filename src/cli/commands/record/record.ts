import { withSafeLines } from '../../files/file-failure';
import { LogFile, type LogDestination } from '../../files/log-file';
import { LogLines } from '../../files/log-lines';
import { RotatingLog, type Rotation } from '../../files/rotating-log';
import type { FilteredInterface } from '../../interfaces/filtered-interface';
import type { Failure } from '../../main/failures';
import { withSignal, type Terminal } from '../../main/terminal';
import { receiveFrames, type ReceiveOptions } from '../../receive/receive-frames';
import { summaryLines, type ReceiveSummary } from '../../receive/receive-summary';
import { frameCount } from '../../text/frame-count';
import { jsonLine } from '../../text/json';
import { Progress } from '../../text/progress';

export interface RecordOptions extends Pick<ReceiveOptions, 'count' | 'idleMs' | 'receiveBufferSize'> {
  readonly path: string;
  readonly rotation: Rotation | undefined;
  readonly append: boolean;
  readonly decimals: 6 | 9;
  readonly extra: boolean;
  readonly json: boolean;
}

interface Log extends LogDestination {
  readonly path: string;
  /** How many files were created. Only with rotation. */
  readonly files?: number;
  /** Lines in all files, including removed ones. Only with rotation. */
  readonly written?: number;
}

/** Runs the record command with checked options. Returns the exit code. */
export async function record(
  interfaces: readonly FilteredInterface[],
  { path, rotation, append, decimals, extra, json, ...ends }: RecordOptions,
  io: Terminal,
): Promise<number> {
  const failing = new AbortController();
  const onFailure = (error: Failure): void => {
    failing.abort(error);
  };
  const log: Log =
    rotation === undefined
      ? new LogFile(path, append ? 'a' : 'wx', onFailure)
      : new RotatingLog(path, rotation, io.clock, onFailure);
  const lines = new LogLines(decimals, extra);
  const progress = new Progress(io);
  /** Frames that the log has taken, and frames that did not fit. */
  let taken = 0;
  let unwritten = 0;
  try {
    const signal = AbortSignal.any([io.signal, failing.signal]);
    const summaries = await receiveFrames(interfaces, withSignal(io, signal), {
      ...ends,
      name: 'socketcan record',
      onFrames({ interfaceName }, frames) {
        if (log.write(lines.format(interfaceName, frames))) taken += frames.length;
        else unwritten += frames.length;
        progress.show(() => `${log.path}: ${frameCount(taken)}`);
      },
    });
    await log.close();
    progress.clear();
    report(summaries, log, unwritten, io, json);
    return 0;
  } catch (error) {
    await log.abandon();
    progress.clear();
    throw withSafeLines(error, log.safe);
  }
}

function report(
  summaries: readonly ReceiveSummary[],
  { path, safe, files, written = safe }: Log,
  unwritten: number,
  io: Terminal,
  json: boolean,
): void {
  if (json) {
    const perInterface = summaries.map(({ interfaceName, frames: received, statistics, droppedBefore }) => ({
      interface: interfaceName,
      received,
      lost: statistics.dropped,
      droppedBefore,
    }));
    const counts = { files: files ?? 1, written, kept: safe, unwritten };
    io.print(jsonLine({ event: 'account', file: path, ...counts, interfaces: perInterface }));
    return;
  }
  for (const line of summaryLines(summaries)) io.report(line);
  const inFiles = files === undefined ? '' : ` in ${files} file${files === 1 ? '' : 's'}`;
  const kept = safe === written ? '' : ` (${safe} in the files that are kept)`;
  io.report(`${path}: wrote ${frameCount(written)}${inFiles}${kept}`);
  if (unwritten > 0) {
    io.report(`${frameCount(unwritten)} not written: the disk was too slow`);
  }
}
