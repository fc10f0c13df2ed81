import { frames as framesText, heardLines, withSafe } from '../account';
import type { Failure, Terminal } from '../command';
import type { Selection } from '../filter-text';
import { jsonLine } from '../json';
import { listen, type Heard, type ListenOptions } from '../listen';
import { LogFile, type LogSink } from '../log-file';
import { LogLines } from '../log-lines';
import { Progress } from '../progress';
import { withSignal } from '../terminal';
import { RotatingLog, type Rotation } from './rotating-log';

export interface RecordOptions extends Pick<
  ListenOptions,
  'count' | 'idleMs' | 'receiveBufferSize'
> {
  readonly path: string;
  readonly rotation: Rotation | undefined;
  readonly append: boolean;
  readonly decimals: 6 | 9;
  readonly extra: boolean;
  readonly json: boolean;
}

/** The record command, from checked options. */
export async function record(
  selections: readonly Selection[],
  { path, rotation, append, decimals, extra, json, ...ends }: RecordOptions,
  io: Terminal,
): Promise<number> {
  const failing = new AbortController();
  const onFailure = (error: Failure): void => {
    failing.abort(error);
  };
  const log: LogSink & { readonly path: string; readonly files?: number } =
    rotation === undefined
      ? new LogFile(path, append ? 'a' : 'wx', onFailure)
      : new RotatingLog(path, rotation, onFailure);
  const lines = new LogLines(decimals, extra);
  const progress = new Progress(io);
  let taken = 0;
  let unwritten = 0;
  try {
    const signal = AbortSignal.any([io.signal, failing.signal]);
    const heard = await listen(selections, withSignal(io, signal), {
      ...ends,
      name: 'socketcan record',
      onFrames({ interfaceName }, frames) {
        if (log.write(lines.of(interfaceName, frames), frames.length)) taken += frames.length;
        else unwritten += frames.length;
        progress.show(() => `${log.path}: ${framesText(taken)}`);
      },
    });
    await log.close();
    progress.clear();
    account(heard, log, unwritten, io, json);
    return 0;
  } catch (error) {
    await log.abandon();
    progress.clear();
    throw withSafe(error, log.safe);
  }
}

function account(
  heard: readonly Heard[],
  log: LogSink & { readonly path: string; readonly files?: number },
  unwritten: number,
  io: Terminal,
  json: boolean,
): void {
  if (json) {
    const interfaces = heard.map(
      ({ interfaceName, frames: received, statistics, droppedBefore }) => ({
        interface: interfaceName,
        received,
        lost: statistics.dropped,
        droppedBefore,
      }),
    );
    const { path, safe, files = 1 } = log;
    io.print(
      jsonLine({ event: 'account', file: path, files, written: safe, unwritten, interfaces }),
    );
    return;
  }
  for (const line of heardLines(heard)) io.tell(line);
  const files = log.files === undefined ? '' : ` in ${log.files} file${log.files === 1 ? '' : 's'}`;
  io.tell(`${log.path}: wrote ${framesText(log.safe)}${files}`);
  if (unwritten > 0) {
    io.tell(`${framesText(unwritten)} not written: they came faster than the disk took them`);
  }
}
