import { readdirSync, unlinkSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import type { Clock } from '../../clock';
import { Failure } from '../main/failures';
import { MAX_PENDING_BYTES, type LogDestination, LogFile } from './log-file';

export interface Rotation {
  /** The largest size of a file, in bytes. A single longer line gets a file of its own. */
  readonly maxSize?: number | undefined;
  /** The age after which the next line goes to a new file, in ms. */
  readonly maxAgeMs?: number | undefined;
  /** How many files to keep, including the current one. The oldest are removed. */
  readonly keep?: number | undefined;
}

/** Digits of the number in a file name; numbers of a million or more have more digits. */
const DIGITS = 6;

/**
 * A log in numbered files: trace.log becomes trace.000001.log, trace.000002.log, and so on. The numbers continue those
 * of existing files. A line is never split between two files.
 */
export class RotatingLog implements LogDestination {
  readonly #path: string;
  readonly #rotation: Rotation;
  readonly #clock: Clock;
  readonly #onFailure: (error: Failure) => void;
  /** Files that are not closed yet. */
  readonly #openFiles = new Set<LogFile>();
  /** The files that exist, oldest first. Only used with `keep`. */
  readonly #kept: LogFile[] = [];
  /** Settles when all files so far are closed. */
  #closing: Promise<void> = Promise.resolve();
  /** Lines in closed files, including removed ones. */
  #closedLines = 0;
  #number: number;
  /** The current file, and when it was opened. */
  #file: LogFile;
  #openedNs: bigint;
  #fileCount = 1;

  /** @throws {Failure} if the first file cannot be created */
  constructor(path: string, rotation: Rotation, clock: Clock, onFailure: (error: Failure) => void) {
    this.#path = path;
    this.#rotation = rotation;
    this.#clock = clock;
    this.#onFailure = onFailure;
    this.#number = Math.max(0, ...existingNumbers(path)) + 1;
    this.#file = this.#openFile();
    this.#openedNs = clock.now();
    try {
      this.#removeOldest();
    } catch (error) {
      void this.#file.abandon();
      throw error;
    }
  }

  /** The current file. */
  get path(): string {
    return this.#file.path;
  }

  /** How many files were created. */
  get files(): number {
    return this.#fileCount;
  }

  /** Lines in all files, including removed ones. */
  get written(): number {
    return safeLines(this.#openFiles) + this.#closedLines;
  }

  /** Lines in the files that exist. */
  get safe(): number {
    return this.#rotation.keep === undefined ? this.written : safeLines(this.#kept);
  }

  write(text: string): boolean {
    // Each file has its own limit of pending bytes. While a disk hangs, the limit must hold for all files together.
    const pending = [...this.#openFiles].reduce((sum, file) => sum + file.pending, 0);
    if (pending > MAX_PENDING_BYTES) return false;
    const { maxSize = Infinity, maxAgeMs = Infinity } = this.#rotation;
    const ageMs = Number(this.#clock.now() - this.#openedNs) / 1e6;
    if (this.#file.size > 0 && ageMs >= maxAgeMs) this.#rotate();
    if (this.#file.size + Buffer.byteLength(text) <= maxSize) return this.#file.write(text);
    return this.#writeLines(text, maxSize);
  }

  async close(): Promise<void> {
    this.#closeFile(this.#file);
    await this.#closing;
  }

  async abandon(): Promise<void> {
    await this.#file.abandon();
    await this.#closing.catch(() => undefined);
  }

  /** Writes as many lines into each file as fit, but at least one. */
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
    this.#closeFile(this.#file);
    this.#number++;
    this.#file = this.#openFile();
    this.#openedNs = this.#clock.now();
    this.#fileCount++;
    this.#removeOldest();
  }

  #openFile(): LogFile {
    const file = new LogFile(numberedPath(this.#path, this.#number), 'wx', this.#onFailure);
    this.#openFiles.add(file);
    const { keep } = this.#rotation;
    if (keep !== undefined && this.#kept.push(file) > keep) this.#kept.shift();
    return file;
  }

  #closeFile(file: LogFile): void {
    const closed = file.close().finally(() => {
      this.#openFiles.delete(file);
      this.#closedLines += file.safe;
    });
    this.#closing = bothSettled(this.#closing, closed);
    // close() rejects with the error, and onFailure has already reported it.
    this.#closing.catch(() => undefined);
  }

  #removeOldest(): void {
    const { keep = Infinity } = this.#rotation;
    for (const number of existingNumbers(this.#path)) {
      if (number > this.#number - keep) continue;
      const path = numberedPath(this.#path, number);
      try {
        unlinkSync(path);
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code !== 'ENOENT') throw new Failure(`${path} cannot be removed: ${message}`, error);
      }
    }
  }
}

/** Settles when both promises have settled, so that a failed file does not hide a later one that is still open. */
async function bothSettled(earlier: Promise<void>, later: Promise<void>): Promise<void> {
  for (const result of await Promise.allSettled([earlier, later])) {
    if (result.status === 'rejected') throw result.reason;
  }
}

function safeLines(files: Iterable<LogFile>): number {
  let lines = 0;
  for (const { safe } of files) lines += safe;
  return lines;
}

/** trace.log and 7: trace.000007.log */
function numberedPath(path: string, number: number): string {
  const extension = extname(path);
  const stem = path.slice(0, path.length - extension.length);
  return `${stem}.${String(number).padStart(DIGITS, '0')}${extension}`;
}

/** The numbers of the files that exist, in no order. */
function existingNumbers(path: string): number[] {
  const extension = extname(path);
  const prefix = `${basename(path, extension)}.`;
  let names: string[];
  try {
    names = readdirSync(dirname(path));
  } catch {
    return []; // Opening a file in the folder fails and reports the reason.
  }
  return names.flatMap((name) => {
    if (!name.startsWith(prefix) || !name.endsWith(extension)) return [];
    const digits = name.slice(prefix.length, name.length - extension.length);
    return /^\d+$/.test(digits) && digits.length >= DIGITS ? [Number(digits)] : [];
  });
}
