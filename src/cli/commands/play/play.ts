import { createReadStream, fstatSync, openSync } from 'node:fs';
import { ErrorFrame, parseLog, type LogRecord } from '../../../index';
import { frames as framesText } from '../../receive/account';
import { Failure, type Terminal } from '../../main/command';
import { inputOf } from '../../files/input';
import { fileFailure } from '../../files/log-file';
import { bar, Progress } from '../../main/progress';
import { SendAccount } from '../../send/sent';
import { Senders } from './senders';
import { Schedule } from './schedule';

export interface PlayOptions {
  /** `-`: stdin. */
  readonly path: string;
  /** Where the frames of an interface of the log go; undefined: to that interface. */
  readonly targets: ReadonlyMap<string, readonly string[]> | undefined;
  readonly speed: number;
  /** Infinity: without end. */
  readonly loops: number;
  /** Instead of the log's times. */
  readonly gapMs: number | undefined;
  /** The longest wait for a frame. */
  readonly longestMs: number;
  readonly skipBad: boolean;
  readonly timeoutMs: number;
  readonly json: boolean;
}

/** What else there is in the log. */
interface Passed {
  /** Lines that cannot be read. */
  bad: number;
  errorFrames: number;
  /** Frames of interfaces without a target. */
  unassigned: number;
}

/** The play command, from checked options. */
export async function play(options: PlayOptions, io: Terminal): Promise<number> {
  const account = new SendAccount(io.clock);
  const passed: Passed = { bad: 0, errorFrames: 0, unassigned: 0 };
  const senders = new Senders(account, options.timeoutMs, io);
  const progress = new Progress(io);
  let failure: unknown;
  try {
    for (let loop = 0; loop < options.loops && !io.signal.aborted; loop++) {
      const before = account.offered;
      await playOnce(options, senders, passed, progress, io);
      if (options.loops === Infinity && account.offered === before) {
        throw new Failure(`${options.path} has no frames to play without end`);
      }
    }
  } catch (error) {
    failure = error;
  } finally {
    account.end();
    progress.clear();
    await senders.close();
  }
  // Where nothing was begun the failure says all.
  if (failure === undefined || account.offered > 0 || options.json) {
    report(options, account, passed, io);
  }
  if (options.loops !== Infinity) io.signal.throwIfAborted();
  if (failure !== undefined && !io.signal.aborted) throw failure as Error;
  return account.complete ? 0 : 1;
}

async function playOnce(
  { path, targets, skipBad, ...times }: PlayOptions,
  senders: Senders,
  passed: Passed,
  progress: Progress,
  io: Terminal,
): Promise<void> {
  const input = openInput(path, io);
  const schedule = new Schedule(times, io);
  const records = parseLog(input.pieces, {
    onInvalid(line) {
      if (!skipBad) throw new Failure(`${path}: ${line.error.message}`, line.error);
      passed.bad++;
    },
  });
  try {
    for await (const record of records) {
      const names = namesOf(record, targets, passed);
      if (names.length === 0) continue;
      for (const name of names) senders.open(name);
      // What is due already is sent together with what is due now.
      if (schedule.next(record.systemNs)) {
        await senders.flush();
        await schedule.wait();
      }
      if (io.signal.aborted) break;
      for (const name of names) await senders.add(name, record.frame);
      progress.show(() => progressText(input, senders.account));
    }
  } catch (error) {
    // What is before a bad line is sent.
    await senders.flush().catch(() => undefined);
    throw error;
  }
  await senders.flush();
}

function namesOf(
  { frame, interfaceName }: LogRecord,
  targets: PlayOptions['targets'],
  passed: Passed,
): readonly string[] {
  if (frame instanceof ErrorFrame) {
    passed.errorFrames++;
    return [];
  }
  if (targets === undefined) return [interfaceName];
  const names = targets.get(interfaceName);
  if (names === undefined) passed.unassigned++;
  return names ?? [];
}

interface Input {
  readonly pieces: AsyncIterable<string | Uint8Array>;
  /** Bytes, if known. */
  readonly size: number;
  /** Bytes that were read, up to 64 KiB ahead of what is sent. */
  read: number;
}

function openInput(path: string, io: Terminal): Input {
  const stream = path === '-' ? undefined : openFile(path);
  const input: Input = {
    pieces: counted(stream ?? inputOf(io)),
    size: stream === undefined ? 0 : stream.size,
    read: 0,
  };
  return input;

  async function* counted(pieces: AsyncIterable<string | Uint8Array>): AsyncGenerator<string | Uint8Array> {
    try {
      for await (const piece of pieces) {
        input.read += piece.length;
        yield piece;
      }
    } catch (error) {
      // EISDIR, EIO: the system does not say of what.
      throw stream === undefined ? error : fileFailure(path, error as NodeJS.ErrnoException);
    }
  }
}

function openFile(path: string): AsyncIterable<Uint8Array> & { readonly size: number } {
  try {
    const fd = openSync(path, 'r');
    return Object.assign(createReadStream(path, { fd }), { size: fstatSync(fd).size });
  } catch (error) {
    throw fileFailure(path, error as NodeJS.ErrnoException);
  }
}

function progressText({ size, read }: Input, { sent, rate }: SendAccount): string {
  const part = size === 0 ? '' : `${bar(read / size, 30)} ${((100 * read) / size).toFixed(0)} % `;
  return `${part}${framesText(sent)}, ${rate.toFixed(0)}/s`;
}

function report({ path, json }: PlayOptions, account: SendAccount, passed: Passed, io: Terminal): void {
  account.report(io, `socketcan play ${path}`, json, { file: path, ...passed });
  if (json) return;
  const { bad, errorFrames, unassigned } = passed;
  if (bad > 0) io.tell(`${bad} bad line${bad === 1 ? '' : 's'} passed over`);
  if (errorFrames > 0) io.tell(`${framesText(errorFrames)} not sent: error frames`);
  if (unassigned > 0) io.tell(`${framesText(unassigned)} of other interfaces left out`);
}
