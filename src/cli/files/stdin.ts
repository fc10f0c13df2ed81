import { StringDecoder } from 'node:string_decoder';
import { Failure } from '../main/failures';
import type { Terminal } from '../main/terminal';

/** A line with its number, from 1. */
export interface NumberedLine {
  readonly lineNumber: number;
  readonly text: string;
}

/** Characters of a line. No frame needs that many. */
const LONGEST_LINE = 4096;

/** The chunks of stdin. Throws the signal's reason when the signal is aborted, even if no chunk arrives. */
export async function* readStdin(io: Terminal): AsyncGenerator<string | Uint8Array> {
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

/** The lines of stdin, those of one chunk together. */
export async function* readStdinLines(io: Terminal): AsyncGenerator<readonly NumberedLine[]> {
  const decoder = new StringDecoder();
  let lineNumber = 0;
  let rest = '';
  for await (const chunk of readStdin(io)) {
    rest += typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk));
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
