import { DataFrame, parseFrame, type Envelope } from '../../../src';

/** Envelopes for frames in candump text, all with the same loopback flag. */
export function envelopes(loopback: boolean, ...texts: string[]): Envelope[] {
  return texts.map((text) => {
    const frame = parseFrame(text);
    if (!(frame instanceof DataFrame)) throw new Error(`${text} is no data frame`);
    return { frame, loopback };
  });
}
