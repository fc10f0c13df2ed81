import { parseFrame, type Frame } from '../../../../src';
import type { Model } from '../../../../src/cli/commands/monitor/model/model';

export const MS = 1e6;
export const SECOND = 1e9;

interface Where {
  readonly index?: number;
  readonly atNs?: number;
}

/** Frames of one moment, on the first interface unless it is said before them. */
export function feed(model: Model, ...frames: readonly (Where | string | Frame)[]): void {
  const [first] = frames;
  const where = isWhere(first) ? first : {};
  const { index = 0, atNs = 0 } = where;
  const timestamp = { systemNs: 0n, monotonicNs: BigInt(atNs) };
  const list = frames.flatMap((each) => (isWhere(each) ? [] : [each]));
  model.add(
    index,
    list.map((each) => ({
      frame: typeof each === 'string' ? parseFrame(each) : each,
      timestamp,
      own: false,
      local: false,
    })),
  );
}

function isWhere(value: Where | string | Frame | undefined): value is Where {
  return typeof value === 'object' && ('index' in value || 'atNs' in value);
}
