import { systemClock, type Clock } from '../../clock';
import { DataFrame } from '../../frame/data-frame';
import { ErrorFrame } from '../../frame/error-frame';
import type { Frame } from '../../frame/frame';
import { RemoteFrame } from '../../frame/remote-frame';
import { invalidArgument } from '../../errors';
import { signalOption } from '../options';

/** Options of {@link CANSocket.send}. */
export interface SendOptions {
  /** The deadline, on the clock of process.hrtime.bigint(), in ns. */
  readonly deadlineNs?: bigint;
  /** The time until the deadline, in ms; not together with `deadlineNs`. Default 1000. */
  readonly timeoutMs?: number;
  /**
   * Receives the echoes of these frames, marked `own`: of all, or with one flag for each frame. Acceptance filters
   * do not apply to them. Error frames have no echoes. Default false.
   */
  readonly echo?: boolean | readonly boolean[];
  /**
   * Resolves when all frames have come back, or at the deadline, with the time of each: see {@link SendResult}.
   * The echoes are not delivered to listeners. Default false.
   */
  readonly confirm?: boolean;
  /** Aborts the call: it rejects with an AbortError that has `sent`. */
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 1000;

function isFrame(value: unknown): value is Frame {
  return value instanceof DataFrame || value instanceof RemoteFrame || value instanceof ErrorFrame;
}

/** The checked arguments of a send. */
export interface CheckedSend {
  readonly list: readonly Frame[];
  readonly echo: boolean | readonly boolean[];
  readonly deadlineNs: bigint;
  readonly confirm: boolean;
  readonly signal: AbortSignal | undefined;
}

/** @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_FRAME` or `..._OPTION`, naming the value */
export function checkSend(
  frames: Frame | Iterable<Frame>,
  options: SendOptions,
  clock: Clock = systemClock,
): CheckedSend {
  const list = isFrame(frames) ? [frames] : Array.from(iterable(frames));
  for (let index = 0; index < list.length; index++) {
    const frame: unknown = list[index];
    if (isFrame(frame)) continue;
    throw invalidArgument(
      new TypeError(`Frame ${index} must be a DataFrame, RemoteFrame or ErrorFrame, not ${String(frame)}`),
      'ERR_SOCKETCAN_INVALID_FRAME',
    );
  }
  const echo = options.echo ?? false;
  if (typeof echo !== 'boolean' && echo.length !== list.length) {
    throw invalidArgument(
      new RangeError(`The option echo must have one flag a frame: ${list.length}, not ${echo.length}`),
      'ERR_SOCKETCAN_INVALID_OPTION',
    );
  }
  const confirm = options.confirm ?? false;
  if (typeof confirm !== 'boolean') {
    throw invalidArgument(
      new TypeError(`The option confirm must be a boolean, not ${typeof confirm}`),
      'ERR_SOCKETCAN_INVALID_OPTION',
    );
  }
  const unconfirmable = confirm ? list.findIndex((frame) => frame instanceof ErrorFrame) : -1;
  if (unconfirmable >= 0) {
    throw invalidArgument(
      new RangeError(
        `Frame ${unconfirmable} (${String(list[unconfirmable])}) is an error frame, which is not sent on the bus and so cannot be confirmed`,
      ),
      'ERR_SOCKETCAN_INVALID_FRAME',
    );
  }
  return {
    list,
    echo,
    confirm,
    deadlineNs: deadline(options, clock),
    signal: signalOption(options.signal),
  };
}

/** Whether all options have their defaults. Invalid values are for {@link checkSend} to report. */
export function isPlain(options: SendOptions): boolean {
  const unchecked = options as Readonly<Record<keyof SendOptions, unknown>>;
  const { deadlineNs, timeoutMs, echo, confirm, signal } = unchecked;
  return (
    deadlineNs === undefined &&
    timeoutMs === undefined &&
    (echo === undefined || echo === false) &&
    (confirm === undefined || confirm === false) &&
    signal === undefined
  );
}

function iterable(frames: unknown): Iterable<Frame> {
  if (typeof frames === 'object' && frames !== null && Symbol.iterator in frames) {
    return frames as Iterable<Frame>;
  }
  throw invalidArgument(
    new TypeError(`The frames must be a frame or an iterable of frames, not ${typeof frames}`),
    'ERR_SOCKETCAN_INVALID_FRAME',
  );
}

function deadline({ deadlineNs, timeoutMs }: SendOptions, clock: Clock): bigint {
  if (deadlineNs !== undefined) {
    if (typeof deadlineNs === 'bigint' && timeoutMs === undefined) return deadlineNs;
    throw invalidArgument(
      new TypeError(
        timeoutMs === undefined
          ? `The option deadlineNs must be a bigint, not ${typeof deadlineNs}`
          : 'Give deadlineNs or timeoutMs, not both',
      ),
      'ERR_SOCKETCAN_INVALID_OPTION',
    );
  }
  const wait = timeoutMs ?? TIMEOUT_MS;
  if (typeof wait !== 'number' || !(wait >= 0) || wait > Number.MAX_SAFE_INTEGER / 1e6) {
    throw invalidArgument(
      new RangeError(`The option timeoutMs must be a number of ms from 0 on, not ${String(wait)}`),
      'ERR_SOCKETCAN_INVALID_OPTION',
    );
  }
  return clock.now() + BigInt(Math.round(wait * 1e6));
}
