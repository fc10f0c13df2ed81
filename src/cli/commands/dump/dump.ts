import type { ReceivedFrame } from '../../../index';
import { withSafeLines } from '../../files/file-failure';
import { LogFile } from '../../files/log-file';
import { LogLines } from '../../files/log-lines';
import type { FilteredInterface } from '../../interfaces/filtered-interface';
import { Interrupted, type Failure } from '../../main/failures';
import { withSignal, type Terminal } from '../../main/terminal';
import { receiveFrames, type ReceiveOptions } from '../../receive/receive-frames';
import type { FrameOrigin } from '../../receive/merge';
import { summaryLines, type ReceiveSummary } from '../../receive/receive-summary';
import { frameCount } from '../../text/frame-count';
import { jsonLine, receivedFields } from '../../text/json';
import { ColumnLines, type ColumnLineOptions } from './column-lines';

export interface DumpOptions extends ColumnLineOptions, Pick<ReceiveOptions, 'count' | 'idleMs' | 'receiveBufferSize'> {
  readonly format: 'columns' | 'log' | 'json';
  readonly toStdout: boolean;
  readonly file: string | undefined;
}

/** Bytes that may wait for a slow reader of stdout. Above, frames are dropped and counted. */
const MAX_PENDING_OUTPUT = 16 * 2 ** 20;

/** Runs the command with checked options. */
export async function dump(
  interfaces: readonly FilteredInterface[],
  options: DumpOptions,
  io: Terminal,
): Promise<number> {
  const failing = new AbortController();
  const signal = AbortSignal.any([io.signal, failing.signal]);
  const onFailure = (error: Failure): void => {
    failing.abort(error);
  };
  const file = options.file === undefined ? undefined : new LogFile(options.file, 'wx', onFailure);
  if (file !== undefined) io.report(`socketcan dump: logging to ${file.path}`);
  const fileLines = new LogLines(options.decimals, options.extra);
  const formatStdout = stdoutFormatter(interfaces, options, io);
  let unwritten = 0;
  const { count, idleMs, receiveBufferSize } = options;
  try {
    const summaries = await receiveFrames(interfaces, withSignal(io, signal), {
      count,
      idleMs,
      receiveBufferSize,
      name: 'socketcan dump',
      onFrames(origin, frames) {
        const text = file === undefined ? '' : fileLines.format(origin.interfaceName, frames);
        if (file?.write(text) === false) unwritten += frames.length;
        if (!options.toStdout) return;
        if (io.stdout.pending > MAX_PENDING_OUTPUT) unwritten += frames.length;
        else io.stdout.write(formatStdout(origin, frames));
      },
      onLost({ interfaceName }, lost) {
        // If the reader is too slow, the summary still has the loss.
        if (options.format !== 'json' || io.stdout.pending > MAX_PENDING_OUTPUT) return;
        io.print(jsonLine({ event: 'lost', interface: interfaceName, lost }));
      },
    });
    await file?.close();
    writeSummary(summaries, unwritten, options, io);
    return 0;
  } catch (error) {
    await file?.abandon();
    throw file === undefined ? error : withSafeLines(error, file.safe);
  }
}

function stdoutFormatter(
  interfaces: readonly FilteredInterface[],
  { format, ...options }: DumpOptions,
  io: Terminal,
): (origin: FrameOrigin, frames: readonly ReceivedFrame[]) => string {
  if (format === 'columns') {
    const names = interfaces.map(({ interfaceName }) => interfaceName);
    const lines = new ColumnLines(names, options, io.stdout);
    return (origin, frames) => lines.format(origin, frames);
  }
  if (format === 'log') {
    const lines = new LogLines(options.decimals, options.extra);
    return ({ interfaceName }, frames) => lines.format(interfaceName, frames);
  }
  return ({ interfaceName }, frames) =>
    frames.map((frame) => `${jsonLine(receivedFields(interfaceName, frame))}\n`).join('');
}

function writeSummary(
  summaries: readonly ReceiveSummary[],
  unwritten: number,
  { format }: DumpOptions,
  io: Terminal,
): void {
  const { reason } = io.signal as { reason: unknown };
  if (reason instanceof Interrupted && reason.by === 'EPIPE') return;
  for (const line of summaryLines(summaries)) io.report(line);
  if (unwritten > 0) {
    io.report(`${frameCount(unwritten)} not written: the output was too slow`);
  }
  if (format !== 'json') return;
  for (const { interfaceName, frames: received, statistics, droppedBefore } of summaries) {
    const { dropped, unsupported } = statistics;
    const counts = { received, lost: dropped, droppedBefore, unsupported, unwritten };
    io.print(jsonLine({ event: 'account', interface: interfaceName, ...counts }));
  }
}
