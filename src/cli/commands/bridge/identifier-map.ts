import { DataFrame, FrameFormat, RemoteFrame } from '../../../index';
import { identifierMask } from '../../../frame/format';
import { UsageError } from '../../main/command';

/** One rule: which identifiers, and what becomes of them. */
interface Rule {
  readonly format: FrameFormat;
  /** The new identifier; undefined: the rule is not about this one. */
  readonly apply: (identifier: number) => number | undefined;
  readonly target: FrameFormat;
}

/** Up to three digits are a base identifier, more an extended one. */
function parseIdentifier(digits: string, rule: string): { value: number; format: FrameFormat } {
  const value = Number.parseInt(digits, 16);
  const format = digits.length > 3 ? FrameFormat.Extended : FrameFormat.Base;
  if (value <= identifierMask(format)) return { value, format };
  const most = identifierMask(format).toString(16).toUpperCase();
  throw wrong(rule, `an identifier of ${digits.length} digits must not be above ${most}`);
}

function wrong(rule: string, reason: string): UsageError {
  return new UsageError(
    `--map must be 123=456, 100-1FF=300 or 100:700=200 in hex; found ${JSON.stringify(rule)}: ${reason}`,
  );
}

/** @throws {UsageError} */
function parseRule(rule: string): Rule {
  const match = /^([0-9a-f]{1,8})(?:([:-])([0-9a-f]{1,8}))?=([0-9a-f]{1,8})$/i.exec(rule);
  if (match === null) throw wrong(rule, 'that is none of these');
  const [, fromDigits = '', sign, more = '', toDigits = ''] = match;
  const { value: from, format } = parseIdentifier(fromDigits, rule);
  const { value: to, format: target } = parseIdentifier(toDigits, rule);
  if (sign === ':') return { format, target, apply: masked(rule, from, more, to, format, target) };
  const last = sign === '-' ? Number.parseInt(more, 16) : from;
  if (last < from || last > identifierMask(format)) {
    throw wrong(rule, `a range must go up, and not above its format`);
  }
  if (to + (last - from) > identifierMask(target)) {
    throw wrong(rule, 'the end of the range has no room above the new identifier');
  }
  const apply = (id: number): number | undefined => (id >= from && id <= last ? to + (id - from) : undefined);
  return { format, target, apply };
}

/** The ones of the mask are compared, and replaced; the other bits are kept. */
function masked(
  rule: string,
  from: number,
  digits: string,
  to: number,
  format: FrameFormat,
  target: FrameFormat,
): Rule['apply'] {
  const mask = Number.parseInt(digits, 16);
  if (mask > identifierMask(format)) throw wrong(rule, 'the mask has more bits than the identifier');
  // What is kept must have room in the new format.
  if ((identifierMask(format) & ~mask & ~identifierMask(target)) !== 0) {
    throw wrong(rule, 'bits outside the mask have no room in a base identifier');
  }
  const replaced = mask | ~identifierMask(format);
  return (id) => (((id ^ from) & mask) === 0 ? ((id & ~mask) | (to & replaced)) >>> 0 : undefined);
}

/** New identifiers for old ones: the first rule that fits, or none and the frame stays as it is. */
export class IdentifierMap {
  readonly #rules: readonly Rule[];

  /** @throws {UsageError} */
  constructor(rules: readonly string[] = []) {
    this.#rules = rules.map(parseRule);
  }

  apply(frame: DataFrame | RemoteFrame): DataFrame | RemoteFrame {
    for (const { format, target, apply } of this.#rules) {
      const identifier = frame.format === format ? apply(frame.identifier) : undefined;
      if (identifier === undefined) continue;
      if (frame instanceof RemoteFrame) return new RemoteFrame(target, identifier, frame.length);
      const { fd, brs, esi } = frame;
      return new DataFrame(target, identifier, frame.data, { fd, brs, esi });
    }
    return frame;
  }
}
