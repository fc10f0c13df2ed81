import { readdirSync, unlinkSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Clock } from '../../clock';
import { Failure } from '../main/command';
import { LogFile, MOST_PENDING, type LogSink } from './log-file';

export interface Rotation {
  /** A new file before this one is larger, in bytes. */
  readonly maxSize?: number | undefined;
  /** A new file for the first frame after this time, in ms. */
  readonly maxAgeMs?: number | undefined;
  /** How many files to keep, the one being written included; the oldest are removed. */
  readonly keep?: number | undefined;
}

/**
 * A log in files that follow each other: trace.log becomes trace.000001.log, trace.000002.log, ... It goes
 * on behind the files that are there. Lines are never split between two files.
 */
export class RotatingLog implements LogSink {
  readonly #path: string;
  readonly #rotation: Rotation;
  readonly #clock: Clock;
  readonly #onFailure: (error: Failure) => void;
  /** Files being closed, in order. */
  #closing: Promise<void> = Promise.resolve();
  /** Lines of files that are closed, removed ones too. */
  #closedLines = 0;
  /** Files that are not closed yet. */
  readonly #files = new Set<LogFile>();
  /** With `keep`: the files that are there, oldest first. */
  readonly #kept: LogFile[] = [];
  #number: number;
  #file: LogFile;
  #openedNs: bigint;
  files = 1;

  /** @throws {Failure} if the first file cannot be made */
  constructor(path: string, rotation: Rotation, clock: Clock, onFailure: (error: Failure) => void) {
    this.#path = path;
    this.#rotation = rotation;
    this.#clock = clock;
    this.#onFailure = onFailure;
    this.#number = Math.max(0, ...numbersOf(path)) + 1;
    this.#file = this.#open();
    this.#openedNs = clock.now();
    try {
      this.#removeOldest();
    } catch (error) {
      void this.#file.abandon();
      throw error;
    }
  }

  /** The file that is written now. */
  get path(): string {
    return this.#file.path;
  }

  /** Lines that were written, whether the file is kept or not. */
  get written(): number {
    return linesOf(this.#files) + this.#closedLines;
  }

  get safe(): number {
    return this.#rotation.keep === undefined ? this.written : linesOf(this.#kept);
  }

  write(text: string): boolean {
    // A disk that hangs must not gather files, of which each has room.
    const pending = [...this.#files].reduce((sum, file) => sum + file.pending, 0);
    if (pending > MOST_PENDING) return false;
    const { maxSize = Infinity, maxAgeMs = Infinity } = this.#rotation;
    const ageMs = Number(this.#clock.now() - this.#openedNs) / 1e6;
    if (this.#file.size > 0 && ageMs >= maxAgeMs) this.#rotate();
    if (this.#file.size + Buffer.byteLength(text) <= maxSize) return this.#file.write(text);
    return this.#writeLines(text, maxSize);
  }

  async close(): Promise<void> {
    this.#end(this.#file);
    await this.#closing;
  }

  async abandon(): Promise<void> {
    await this.#file.abandon();
    await this.#closing.catch(() => undefined);
  }

  /** As many lines into each file as there is room for, and one at least. */
  #writeLines(text: string, maxSize: number): boolean {
    let fits = '';
    let size = this.#file.size;
    for (const line of text.split(/(?<=\n)/)) {
      const bytes = Buffer.byteLength(line);
      if (size > 0 && size + bytes > maxSize) {
        if (!this.#file.write(fits)) return false;
        this.#rotate();
        fits = '';
        size = 0;
      }
      fits += line;
      size += bytes;
    }
    return this.#file.write(fits);
  }

  #rotate(): void {
    this.#end(this.#file);
    this.#number++;
    this.#file = this.#open();
    this.#openedNs = this.#clock.now();
    this.files++;
    this.#removeOldest();
  }

  #open(): LogFile {
    const file = new LogFile(numbered(this.#path, this.#number), 'wx', this.#onFailure);
    this.#files.add(file);
    const { keep } = this.#rotation;
    if (keep !== undefined && this.#kept.push(file) > keep) this.#kept.shift();
    return file;
  }

  #end(file: LogFile): void {
    const closed = file.close().finally(() => {
      this.#files.delete(file);
      this.#closedLines += file.safe;
    });
    this.#closing = bothSettled(this.#closing, closed);
    // close() rejects with it; onFailure has reported it before.
    this.#closing.catch(() => undefined);
  }

  #removeOldest(): void {
    const { keep = Infinity } = this.#rotation;
    for (const number of numbersOf(this.#path)) {
      if (number > this.#number - keep) continue;
      try {
        unlinkSync(numbered(this.#path, number));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
        const path = numbered(this.#path, number);
        throw new Failure(`${path} cannot be removed: ${(error as Error).message}`, error);
      }
    }
  }
}

/** Settles when both have: a file that failed must not hide that a later one is still open. */
async function bothSettled(earlier: Promise<void>, later: Promise<void>): Promise<void> {
  for (const result of await Promise.allSettled([earlier, later])) {
    if (result.status === 'rejected') throw result.reason;
  }
}

function linesOf(files: Iterable<LogFile>): number {
  let lines = 0;
  for (const { safe } of files) lines += safe;
  return lines;
}

/** trace.log and 7: trace.000007.log */
function numbered(path: string, number: number): string {
  const extension = extname(path);
  const stem = path.slice(0, path.length - extension.length);
  return `${stem}.${String(number).padStart(6, '0')}${extension}`;
}

/** The numbers of the files that are there. */
function numbersOf(path: string): number[] {
  const extension = extname(path);
  const stem = basename(path, extension);
  let names: string[];
  try {
    names = readdirSync(dirname(join(path)));
  } catch {
    return []; // Opening a file there fails with the reason.
  }
  return names.flatMap((name) => {
    if (!name.startsWith(`${stem}.`) || !name.endsWith(extension)) return [];
    const middle = name.slice(stem.length + 1, name.length - extension.length);
    return /^\d{6,}$/.test(middle) ? [Number(middle)] : [];
  });
}
