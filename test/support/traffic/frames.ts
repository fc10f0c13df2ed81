import { DataFrame } from '../../../src/frame/data-frame';
import { FrameFormat } from '../../../src/frame/format';

/** Frames whose identifiers count up from `first`. */
export function frames(count: number, first = 0): DataFrame[] {
  return Array.from(
    { length: count },
    (_, index) => new DataFrame(FrameFormat.Extended, first + index, new Uint8Array(0)),
  );
}
