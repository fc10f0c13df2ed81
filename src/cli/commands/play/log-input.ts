import { createReadStream, fstatSync, openSync } from 'node:fs';
import type { Terminal } from '../../main/terminal';
import { readStdin } from '../../files/stdin';
import { fileFailure } from '../../files/file-failure';

type Chunks = AsyncIterable<string | Uint8Array>;

/** The log to play. It counts the bytes read, for the progress. */
export class LogInput {
  /** Bytes of the file; 0 if unknown (stdin, a pipe). */
  readonly size: number;
  readonly #chunks: Chunks;
  #bytesRead = 0;

  /**
   * @param path a file, or `-` for stdin
   * @throws {Failure} if the file cannot be opened
   */
  constructor(path: string, io: Terminal) {
    if (path === '-') {
      this.size = 0;
      this.#chunks = readStdin(io);
      return;
    }
    try {
      const fd = openSync(path, 'r');
      this.size = fstatSync(fd).size;
      this.#chunks = fileChunks(path, fd);
    } catch (error) {
      throw fileFailure(path, error as NodeJS.ErrnoException);
    }
  }

  /** Bytes read so far, up to 64 KiB ahead of the frames sent. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  async *chunks(): AsyncGenerator<string | Uint8Array> {
    for await (const chunk of this.#chunks) {
      this.#bytesRead += chunk.length;
      yield chunk;
    }
  }
}

async function* fileChunks(path: string, fd: number): AsyncGenerator<string | Uint8Array> {
  try {
    yield* createReadStream(path, { fd }) as Chunks;
  } catch (error) {
    // Errors of read(2), such as EISDIR or EIO, do not name the file.
    throw fileFailure(path, error as NodeJS.ErrnoException);
  }
}
