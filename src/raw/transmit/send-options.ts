import { checkSendControl, type SendRequest } from '../../channel/transmit/send-request';
import { systemClock, type Clock } from '../../clock';
import { ErrorFrame } from '../../frame/error-frame';
import { isFrame, type Frame } from '../../frame/frame';
import { checkIterable, invalidValue } from '../../options/check';
import { INVALID_FRAME, INVALID_OPTION } from '../../options/invalid';

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

const FRAME_RULE = 'a DataFrame, RemoteFrame or ErrorFrame';

/** @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_FRAME` or `..._OPTION`, naming the value */
export function checkSend(
  frames: Frame | Iterable<Frame>,
  options: SendOptions,
  clock: Clock = systemClock,
): SendRequest<Frame> {
  const items = isFrame(frames) ? [frames] : Array.from(checkFrames(frames));
  for (let index = 0; index < items.length; index++) {
    const frame: unknown = items[index];
    if (!isFrame(frame)) throw invalidValue(`Frame ${index}`, FRAME_RULE, frame, false, INVALID_FRAME);
  }
  const echo = checkEcho(options.echo ?? false, items.length);
  const { deadlineNs, confirm, signal } = checkSendControl(options, clock);
  if (confirm) checkConfirmable(items);
  return { items, echo, deadlineNs, confirm, signal };
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

function checkFrames(frames: unknown): Iterable<Frame> {
  return checkIterable('The frames', frames, INVALID_FRAME, 'a frame or an iterable of frames');
}

function checkEcho(echo: unknown, count: number): boolean | readonly boolean[] {
  if (typeof echo === 'boolean') return echo;
  if (!Array.isArray(echo)) throw invalidValue('The option echo', 'true, false or an array of flags', echo, false);
  if (echo.length === count) return echo as readonly boolean[];
  throw INVALID_OPTION.range(`The option echo must have one flag for each of ${count} frames; found ${echo.length}`);
}

function checkConfirmable(frames: readonly Frame[]): void {
  const index = frames.findIndex((frame) => frame instanceof ErrorFrame);
  if (index < 0) return;
  const frame = String(frames[index]);
  throw INVALID_FRAME.range(`Frame ${index} (${frame}) cannot be confirmed: error frames are not sent on the bus`);
}
