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
import { Failure } from '../main/command';

const writeTo = promisify(write);
const truncate = promisify(ftruncate);
const sync = promisify(fdatasync);

/** Where lines of a log go. Lines are counted, as each is a frame. */
export interface LogSink {
  /** False: there is no room, nothing of it was taken, and it is for the caller to count what is lost. */
  write(text: string, lines: number): boolean;
  /** Resolves when all is in the file, which is closed then. @throws {Failure} what went wrong with it */
  close(): Promise<void>;
  /** The same without a throw; a file that was made and has no line in it is removed again. */
  abandon(): Promise<void>;
  /** Lines that are in the file, whole. */
  readonly safe: number;
}

/** Bytes that wait for a slow disk; above them lines are lost, and counted. */
export const MOST_PENDING = 32 * 2 ** 20;

const NEWLINE = 10;

/**
 * A file of lines, written in the order they come without holding up the event loop. After a failure
 * (a full disk) the file ends with its last whole line.
 */
export class LogFile implements LogSink {
  readonly path: string;
  readonly #fd: number;
  readonly #made: boolean;
  readonly #onFailure: (error: Failure) => void;
  #queue: string[] = [];
  /** Bytes that are in the queue. */
  #pending = 0;
  #size = 0;
  #safe = 0;
  #writing: Promise<void> | undefined;
  #failure: Failure | undefined;
  #closed: Promise<void> | undefined;

  /**
   * @param flags of open(2): 'wx' makes it and fails where there is one
   * @throws {Failure} if it cannot be made
   */
  constructor(path: string, flags: 'wx' | 'a', onFailure: (error: Failure) => void) {
    this.path = path;
    this.#onFailure = onFailure;
    this.#made = flags === 'wx';
    let fd: number | undefined;
    try {
      fd = openSync(path, flags);
      // What a process that was killed, or a disk that was full, has cut off must not take a line with it.
      if (flags === 'a' && isCutOff(path)) writeSync(fd, '\n');
    } catch (error) {
      if (fd !== undefined) closeSync(fd);
      throw fileFailure(path, error as NodeJS.ErrnoException);
    }
    this.#fd = fd;
  }

  /** Bytes it has been given. */
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
    if (this.#pending + bytes > MOST_PENDING) return false;
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
      // A disk may tell only now that it is full. What cannot be synced (/dev/full, a pipe) is no disk.
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
    if (this.#safe > 0 || !this.#made) return;
    try {
      unlinkSync(this.path);
    } catch {
      // It is as it is: there is an error to be told that came first.
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
        this.#safe += count(bytes, written, written + bytesWritten);
        written += bytesWritten;
      }
    } catch (error) {
      const excess = written - 1 - bytes.lastIndexOf(NEWLINE, written - 1);
      if (written > 0 && excess > 0) await this.#cutOff(excess);
      this.#fail(error);
    }
  }

  /** Takes the beginning of a line off the end. */
  async #cutOff(bytes: number): Promise<void> {
    await truncate(this.#fd, fstatSync(this.#fd).size - bytes).catch(() => undefined);
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#queue = [];
    this.#failure = fileFailure(this.path, error as NodeJS.ErrnoException);
    this.#onFailure(this.#failure);
  }
}

/** Whether the last line of a file has no end. */
function isCutOff(path: string): boolean {
  const { size } = statSync(path);
  // Neither has a pipe or a device.
  if (size === 0) return false;
  const fd = openSync(path, 'r');
  try {
    const last = Buffer.alloc(1);
    return readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE;
  } finally {
    closeSync(fd);
  }
}

function count(bytes: Buffer, from: number, to: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE, from); at >= 0 && at < to; at = bytes.indexOf(NEWLINE, at + 1)) {
    lines++;
  }
  return lines;
}

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'it is there already, and is not overwritten',
  ENOENT: 'there is no such file or directory',
  EACCES: 'no permission',
  EISDIR: 'it is a directory',
  EROFS: 'the file system is read-only',
};

/** What went wrong with a file, with its path. */
export function fileFailure(path: string, error: NodeJS.ErrnoException): Failure {
  const { code = 'error' } = error;
  return new Failure(`${path}: ${code}: ${HINTS[code] ?? error.message}`, error);
}
