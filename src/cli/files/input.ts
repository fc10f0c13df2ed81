import { StringDecoder } from 'node:string_decoder';
import { Failure, type Terminal } from '../main/command';

/** A line of a text, from 1 on. */
export interface NumberedLine {
  readonly lineNumber: number;
  readonly text: string;
}

/** Characters of a line; no frame takes that many. */
const LONGEST_LINE = 4096;

/** The pieces of stdin. Throws the signal's reason when that is aborted, though none comes. */
export async function* inputOf(io: Terminal): AsyncGenerator<string | Uint8Array> {
  const { stdin, signal } = io;
  const stop = (): void => {
    stdin.destroy();
  };
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    yield* stdin;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
}

/** The lines of stdin, those together that came together. */
export async function* linesOf(io: Terminal): AsyncGenerator<readonly NumberedLine[]> {
  const decoder = new StringDecoder();
  let lineNumber = 0;
  let rest = '';
  for await (const piece of inputOf(io)) {
    rest += typeof piece === 'string' ? piece : decoder.write(Buffer.from(piece));
    const texts = rest.split('\n');
    rest = texts.pop() ?? '';
    if (rest.length > LONGEST_LINE) {
      throw new Failure(`line ${lineNumber + texts.length + 1} of stdin is too long for a frame`);
    }
    yield texts.map((text) => ({ lineNumber: ++lineNumber, text }));
  }
  rest += decoder.end();
  if (rest !== '') yield [{ lineNumber: lineNumber + 1, text: rest }];
}
