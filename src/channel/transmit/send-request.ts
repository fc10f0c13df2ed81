import { systemClock, type Clock } from '../../clock';
import { checkBigint, checkBoolean, checkSignal, invalidValue } from '../../options/check';
import { INVALID_OPTION } from '../../options/invalid';

/** The checked arguments of a send. */
export interface SendRequest<T> extends SendControl {
  readonly items: readonly T[];
  /** Whether the socket delivers echoes to its listeners: of all items, or with one flag for each. */
  readonly echo: boolean | readonly boolean[];
}

/** When a send ends, and what it waits for. */
export interface SendControl {
  /** The deadline (monotonic ns). */
  readonly deadlineNs: bigint;
  /** Whether the call waits for the echoes of its items. */
  readonly confirm: boolean;
  /** Aborts the call. */
  readonly signal: AbortSignal | undefined;
}

/** The options of a send that every kind of socket has. */
interface SendControlOptions {
  readonly deadlineNs?: unknown;
  readonly timeoutMs?: unknown;
  readonly confirm?: unknown;
  readonly signal?: unknown;
}

/** The default time until the deadline, in ms. */
const TIMEOUT_MS = 1000;

/** The longest timeout in ms: a larger one has no exact number of ns. */
const LONGEST_TIMEOUT_MS = Math.floor(Number.MAX_SAFE_INTEGER / 1e6);

/** @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_OPTION` */
export function checkSendControl(options: SendControlOptions, clock: Clock = systemClock): SendControl {
  return {
    deadlineNs: deadline(options, clock),
    confirm: checkBoolean('The option confirm', options.confirm ?? false),
    signal: checkSignal('The option signal', options.signal),
  };
}

function deadline({ deadlineNs, timeoutMs }: SendControlOptions, clock: Clock): bigint {
  if (deadlineNs !== undefined && timeoutMs !== undefined) {
    throw INVALID_OPTION.type('The options deadlineNs and timeoutMs exclude each other: pass one of them');
  }
  if (deadlineNs !== undefined) return checkBigint('The option deadlineNs', deadlineNs);
  const wait = timeoutMs ?? TIMEOUT_MS;
  if (typeof wait === 'number' && wait >= 0 && wait <= LONGEST_TIMEOUT_MS) {
    return clock.now() + BigInt(Math.round(wait * 1e6));
  }
  const rule = `a number of ms from 0 to ${LONGEST_TIMEOUT_MS}`;
  throw invalidValue('The option timeoutMs', rule, timeoutMs, typeof wait === 'number');
}
