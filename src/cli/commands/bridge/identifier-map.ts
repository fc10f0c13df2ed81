import { DataFrame, FrameFormat, RemoteFrame } from '../../../index';
import { describe } from '../../../options/describe';
import { UsageError } from '../../main/failures';

/** One mapping rule. */
interface Rule {
  /** The format of the frames that the rule applies to. */
  readonly source: FrameFormat;
  /** The format of the new identifier. */
  readonly target: FrameFormat;
  /** Returns the new identifier, or undefined if the rule does not match. */
  readonly apply: (identifier: number) => number | undefined;
}

/** Maps identifiers of frames by rules such as 123=456. The first rule that matches applies. */
export class IdentifierMap {
  readonly #rules: readonly Rule[];

  /** @throws {UsageError} for an invalid rule */
  constructor(rules: readonly string[] = []) {
    this.#rules = rules.map(parseRule);
  }

  /** Returns the frame with its new identifier, or the frame itself if no rule matches. */
  apply(frame: DataFrame | RemoteFrame): DataFrame | RemoteFrame {
    for (const { source, target, apply } of this.#rules) {
      const identifier = frame.format === source ? apply(frame.identifier) : undefined;
      if (identifier === undefined) continue;
      if (frame instanceof RemoteFrame) return new RemoteFrame(target, identifier, frame.length);
      const { fd, brs, esi } = frame;
      return new DataFrame(target, identifier, frame.data, { fd, brs, esi });
    }
    return frame;
  }
}

function parseRule(rule: string): Rule {
  const match = /^([0-9a-f]{1,8})(?:([:-])([0-9a-f]{1,8}))?=([0-9a-f]{1,8})$/i.exec(rule);
  if (match === null) throw invalidRule(rule, 'it has none of these forms');
  const [, fromDigits = '', sign, rangeDigits = '', toDigits = ''] = match;
  const { value: from, format: source } = parseIdentifier(fromDigits, rule);
  const { value: to, format: target } = parseIdentifier(toDigits, rule);
  if (sign === ':') return { source, target, apply: mapMasked(rule, from, rangeDigits, to, source, target) };
  const last = sign === '-' ? Number.parseInt(rangeDigits, 16) : from;
  if (last < from || last > highestIdentifier(source)) {
    throw invalidRule(rule, 'a range must go up, and must end within its format');
  }
  if (to + (last - from) > highestIdentifier(target)) {
    throw invalidRule(rule, 'the new range exceeds the highest identifier');
  }
  const apply = (id: number): number | undefined => (id >= from && id <= last ? to + (id - from) : undefined);
  return { source, target, apply };
}

/** Up to three digits are a base identifier, more digits an extended one. */
function parseIdentifier(digits: string, rule: string): { value: number; format: FrameFormat } {
  const value = Number.parseInt(digits, 16);
  const format = digits.length > 3 ? FrameFormat.Extended : FrameFormat.Base;
  if (value <= highestIdentifier(format)) return { value, format };
  const highest = highestIdentifier(format).toString(16).toUpperCase();
  throw invalidRule(rule, `an identifier of ${digits.length} digits must not exceed ${highest}`);
}

/** Maps by a mask: compares and replaces the bits that are set in it, and keeps the others. */
function mapMasked(
  rule: string,
  from: number,
  maskDigits: string,
  to: number,
  source: FrameFormat,
  target: FrameFormat,
): Rule['apply'] {
  const mask = Number.parseInt(maskDigits, 16);
  if (mask > highestIdentifier(source)) throw invalidRule(rule, 'the mask has more bits than the identifier');
  if ((highestIdentifier(source) & ~mask & ~highestIdentifier(target)) !== 0) {
    throw invalidRule(rule, 'the bits outside the mask do not fit into a base identifier');
  }
  const replaced = mask | ~highestIdentifier(source);
  return (id) => (((id ^ from) & mask) === 0 ? ((id & ~mask) | (to & replaced)) >>> 0 : undefined);
}

/** The highest identifier of a format, in which all bits are set. */
function highestIdentifier(format: FrameFormat): number {
  return 2 ** format - 1;
}

function invalidRule(rule: string, reason: string): UsageError {
  return new UsageError(`--map must be 123=456, 100-1FF=300 or 100:700=200 in hex; found ${describe(rule)}: ${reason}`);
}
