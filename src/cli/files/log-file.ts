import {
  closeSync,
  fdatasync,
  fstatSync,
  ftruncate,
  openSync,
  readSync,
  statSync,
  unlinkSync,
  write,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import type { Failure } from '../main/failures';
import { fileFailure } from './file-failure';

const writeTo = promisify(write);
const truncate = promisify(ftruncate);
const sync = promisify(fdatasync);

/** Takes the lines of a log. Each line is a frame. */
export interface LogDestination {
  /** Complete lines in the file. */
  readonly safe: number;
  /** Returns false if there is no room: it has taken nothing, and the caller counts the loss. */
  write(text: string): boolean;
  /** Writes everything and closes the file. @throws {Failure} if the file could not be written */
  close(): Promise<void>;
  /** Closes the file and never rejects. Removes a file that this process has created if it has no line. */
  abandon(): Promise<void>;
}

/** Bytes that may wait for a slow disk. Above, lines are lost and counted. */
export const MAX_PENDING_BYTES = 32 * 2 ** 20;

const NEWLINE = 10;

/**
 * A file of lines, written in order without blocking the event loop. After a failure (a full disk) the file ends with
 * its last complete line.
 */
export class LogFile implements LogDestination {
  readonly path: string;
  readonly #fd: number;
  readonly #created: boolean;
  readonly #onFailure: (error: Failure) => void;
  #queue: string[] = [];
  /** Bytes in the queue. */
  #pending = 0;
  #size = 0;
  #safe = 0;
  #writing: Promise<void> | undefined;
  #failure: Failure | undefined;
  #closed: Promise<void> | undefined;

  /**
   * @param flags of open(2): 'wx' creates the file and fails if it exists; 'a' appends
   * @throws {Failure} if the file cannot be opened
   */
  constructor(path: string, flags: 'wx' | 'a', onFailure: (error: Failure) => void) {
    this.path = path;
    this.#onFailure = onFailure;
    this.#created = flags === 'wx';
    let fd: number | undefined;
    try {
      fd = openSync(path, flags);
      // A killed process or a full disk may have left a partial line. The next line must not continue it.
      if (flags === 'a' && endsInPartialLine(path)) writeSync(fd, '\n');
    } catch (error) {
      if (fd !== undefined) closeSync(fd);
      throw fileFailure(path, error as NodeJS.ErrnoException);
    }
    this.#fd = fd;
  }

  /** Bytes that write() has taken. */
  get size(): number {
    return this.#size;
  }

  get safe(): number {
    return this.#safe;
  }

  get pending(): number {
    return this.#pending;
  }

  write(text: string): boolean {
    if (this.#failure !== undefined) return false;
    const bytes = Buffer.byteLength(text);
    if (this.#pending + bytes > MAX_PENDING_BYTES) return false;
    this.#queue.push(text);
    this.#pending += bytes;
    this.#size += bytes;
    this.#writing ??= this.#drain();
    return true;
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    await this.#writing;
    try {
      // Some disks report only now that they are full. Pipes and devices such as /dev/full cannot be synced.
      await sync(this.#fd).catch((error: unknown) => {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'EINVAL' && code !== 'EROFS') this.#fail(error);
      });
    } finally {
      closeSync(this.#fd);
    }
    if (this.#failure === undefined) return;
    this.#removeIfEmpty();
    throw this.#failure;
  }

  async abandon(): Promise<void> {
    await this.close().catch(() => undefined);
    this.#removeIfEmpty();
  }

  #removeIfEmpty(): void {
    if (this.#safe > 0 || !this.#created) return;
    try {
      unlinkSync(this.path);
    } catch {
      // The failure that led here is reported instead.
    }
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0 && this.#failure === undefined) {
      const bytes = Buffer.from(this.#queue.join(''));
      this.#queue = [];
      await this.#writeAll(bytes);
      this.#pending -= bytes.length;
    }
    this.#writing = undefined;
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    let written = 0;
    try {
      while (written < bytes.length) {
        const { bytesWritten } = await writeTo(this.#fd, bytes, written);
        this.#safe += countLines(bytes, written, written + bytesWritten);
        written += bytesWritten;
      }
    } catch (error) {
      const excess = written - 1 - bytes.lastIndexOf(NEWLINE, written - 1);
      if (written > 0 && excess > 0) await this.#truncate(excess);
      this.#fail(error);
    }
  }

  /** Removes the partial line at the end. */
  async #truncate(bytes: number): Promise<void> {
    await truncate(this.#fd, fstatSync(this.#fd).size - bytes).catch(() => undefined);
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#queue = [];
    this.#failure = fileFailure(this.path, error as NodeJS.ErrnoException);
    this.#onFailure(this.#failure);
  }
}

/** Whether the last line of a file lacks its line end. */
function endsInPartialLine(path: string): boolean {
  const { size } = statSync(path);
  // An empty file, a pipe or a device.
  if (size === 0) return false;
  const fd = openSync(path, 'r');
  try {
    const last = Buffer.alloc(1);
    return readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE;
  } finally {
    closeSync(fd);
  }
}

function countLines(bytes: Buffer, from: number, to: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE, from); at >= 0 && at < to; at = bytes.indexOf(NEWLINE, at + 1)) {
    lines++;
  }
  return lines;
}
