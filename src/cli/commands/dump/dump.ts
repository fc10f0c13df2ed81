import type { ReceivedFrame } from '../../../index';
import { frames as framesText, heardLines, withSafe } from '../../receive/account';
import { Interrupted, type Failure, type Terminal } from '../../main/command';
import type { Selection } from '../../text/filter-text';
import { jsonLine, receivedFields } from '../../text/json';
import { listen, type ListenOptions, type Source } from '../../receive/listen';
import { LogFile } from '../../files/log-file';
import { LogLines } from '../../files/log-lines';
import { withSignal } from '../../main/terminal';
import type { TimeKind } from '../../text/time-text';
import { ColumnLines } from './column-lines';

export interface DumpOptions extends Pick<ListenOptions, 'count' | 'idleMs' | 'receiveBufferSize'> {
  readonly format: 'columns' | 'log' | 'json';
  readonly toStdout: boolean;
  readonly file: string | undefined;
  readonly time: TimeKind | undefined;
  readonly decimals: 6 | 9;
  readonly extra: boolean;
  readonly ascii: boolean;
  readonly errors: boolean;
}

/** Bytes that wait for a slow reader of stdout; above them frames are not written, and counted. */
const MOST_PENDING = 16 * 2 ** 20;

/** The dump command, from checked options. */
export async function dump(selections: readonly Selection[], options: DumpOptions, io: Terminal): Promise<number> {
  const failing = new AbortController();
  const signal = AbortSignal.any([io.signal, failing.signal]);
  const onFailure = (error: Failure): void => {
    failing.abort(error);
  };
  const file = options.file === undefined ? undefined : new LogFile(options.file, 'wx', onFailure);
  if (file !== undefined) io.tell(`socketcan dump: logging to ${file.path}`);
  const fileLines = new LogLines(options.decimals, options.extra);
  const stdoutLines = linesOf(selections, options, io);
  let unwritten = 0;
  const { count, idleMs, receiveBufferSize } = options;
  try {
    const heard = await listen(selections, withSignal(io, signal), {
      count,
      idleMs,
      receiveBufferSize,
      name: 'socketcan dump',
      onFrames(source, frames) {
        const text = file === undefined ? '' : fileLines.of(source.interfaceName, frames);
        if (file?.write(text) === false) unwritten += frames.length;
        if (!options.toStdout) return;
        if (io.stdout.pending > MOST_PENDING) unwritten += frames.length;
        else io.stdout.write(stdoutLines(source, frames));
      },
      onLost({ interfaceName }, lost) {
        // Where nobody reads, the account has it.
        if (options.format !== 'json' || io.stdout.pending > MOST_PENDING) return;
        io.print(jsonLine({ event: 'lost', interface: interfaceName, lost }));
      },
    });
    await file?.close();
    account(heard, unwritten, options, io);
    return 0;
  } catch (error) {
    await file?.abandon();
    throw file === undefined ? error : withSafe(error, file.safe);
  }
}

function linesOf(
  selections: readonly Selection[],
  { format, ...options }: DumpOptions,
  io: Terminal,
): (source: Source, frames: readonly ReceivedFrame[]) => string {
  if (format === 'columns') {
    const names = selections.map(({ interfaceName }) => interfaceName);
    const lines = new ColumnLines(names, options, io.stdout);
    return (source, frames) => lines.of(source, frames);
  }
  if (format === 'log') {
    const lines = new LogLines(options.decimals, options.extra);
    return ({ interfaceName }, frames) => lines.of(interfaceName, frames);
  }
  return ({ interfaceName }, frames) =>
    frames.map((frame) => `${jsonLine(receivedFields(interfaceName, frame))}\n`).join('');
}

function account(
  heard: Awaited<ReturnType<typeof listen>>,
  unwritten: number,
  { format }: DumpOptions,
  io: Terminal,
): void {
  const { reason } = io.signal as { reason: unknown };
  if (reason instanceof Interrupted && reason.by === 'EPIPE') return;
  for (const line of heardLines(heard)) io.tell(line);
  if (unwritten > 0) {
    io.tell(`${framesText(unwritten)} not written: they came faster than the output was taken`);
  }
  if (format !== 'json') return;
  for (const { interfaceName, frames: received, statistics, droppedBefore } of heard) {
    const { dropped, unsupported } = statistics;
    const counts = { received, lost: dropped, droppedBefore, unsupported, unwritten };
    io.print(jsonLine({ event: 'account', interface: interfaceName, ...counts }));
  }
}
