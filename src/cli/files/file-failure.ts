import { Failure } from '../main/failures';
import { frameCount } from '../text/frame-count';

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'the file exists and is not overwritten',
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  EROFS: 'the file system is read-only',
};

/** The failure of a file operation, with the path, the code and a hint. */
export function fileFailure(path: string, error: NodeJS.ErrnoException): Failure {
  const { code = 'error' } = error;
  return new Failure(`${path}: ${code}: ${HINTS[code] ?? error.message}`, error);
}

/** Adds to an error how many log lines were safely written before it. */
export function withSafeLines(error: unknown, lines: number): Error {
  const failure = error instanceof Error ? error : new Failure(String(error));
  if (lines === 0) return failure;
  return new Failure(`${failure.message}; ${frameCount(lines)} before that are safe in the log`, error);
}
