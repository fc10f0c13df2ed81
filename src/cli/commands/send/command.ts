import { CANSocket, parseFrame, type Frame } from '../../../index';
import { readStdinLines } from '../../files/stdin';
import { checkCount, durationOf, flagOf, fromArgument, integerOf } from '../../main/arguments';
import type { Arguments, Command } from '../../main/command';
import { Failure, UsageError } from '../../main/failures';
import type { Terminal } from '../../main/terminal';
import { DEFAULT_TIMEOUT_MS, FRAMES_PER_CALL, sendFrames } from '../../send/send-frames';
import { SendSummary } from '../../send/send-summary';
import { jsonLine } from '../../text/json';
import { pauseUntil } from '../../time/wait';

const USAGE = `
Usage: socketcan send [OPTION...] INTERFACE FRAME...

Sends frames in order, written as for cansend. A single "-" sends the frames on stdin as they arrive, one
per line; it ignores empty lines and lines that begin with #.

  123#DEADBEEF         3 hex digits: 11 bits; up to 8 bytes, "." may separate them
  1BADC0FE#            8 hex digits: 29 bits
  123#R4               remote frame with length
  123##1AABB           CAN FD; the digit has flags: 1 bit rate switch, 2 error state

      --timeout TIME   give up after this time if the queue is full or the link down (ms; default 1s)
      --confirm        wait until the controller has sent the frames; if the driver cannot report that,
                       until they are queued, and the result says so
  -n, --count N        send all frames N times (default 1)
      --interval TIME  time from one repetition to the next (ms; default 0)
      --json           print the result as JSON
  -h, --help

Examples:
  socketcan send can0 123#DEADBEEF 124#
  echo '123##1AABB' | socketcan send can0 -

Exit code: 0 all frames sent (with --confirm: confirmed); 1 some were not, or failure; 2 wrong usage; 130
interrupted earlier.
`;

interface SendSettings {
  readonly timeoutMs: number;
  readonly confirm: boolean;
  readonly count: number;
  readonly intervalMs: number;
  readonly json: boolean;
}

export const sendCommand: Command = {
  name: 'send',
  summary: 'send frames written as for cansend',
  usage: USAGE,
  needsPeers: () => true,
  options: {
    timeout: { type: 'string' },
    confirm: { type: 'boolean' },
    count: { type: 'string', short: 'n' },
    interval: { type: 'string' },
    json: { type: 'boolean' },
  },
  async run(args: Arguments, io: Terminal) {
    checkCount(args, 'INTERFACE FRAME...', 2);
    const [interfaceName = '', ...texts] = args.positionals;
    const settings = {
      timeoutMs: durationOf(args, 'timeout', 'ms') ?? DEFAULT_TIMEOUT_MS,
      confirm: flagOf(args, 'confirm'),
      count: integerOf(args, 'count', { least: 1 }) ?? 1,
      intervalMs: durationOf(args, 'interval', 'ms') ?? 0,
      json: flagOf(args, 'json'),
    };
    const fromInput = texts.includes('-');
    if (fromInput && (texts.length > 1 || settings.count > 1)) {
      throw new UsageError('"-" (frames on stdin) must be the only FRAME, without --count');
    }
    const given = fromInput ? [] : texts.map((text) => fromArgument(() => parseFrame(text)));
    const socket = new CANSocket(interfaceName, { filters: [] });
    const summary = new SendSummary(io.clock);
    const send = (frames: readonly Frame[]): Promise<void> => sendAll(socket, frames, settings, summary, io);
    try {
      if (settings.confirm) await startReceiving(socket);
      if (fromInput) for await (const frames of framesOf(io)) await send(frames);
      else await repeat(() => send(given), settings, io);
      const missing = settings.confirm ? summary.offered - summary.confirmed : 0;
      return summary.complete && missing === 0 ? 0 : 1;
    } finally {
      await socket.close();
      printResult(socket, summary, settings, io);
    }
  },
};

/** Confirmations need the receiving thread. Waits for its start, which would otherwise count for the timeout. */
async function startReceiving(socket: CANSocket): Promise<void> {
  socket.on('frames', () => undefined);
  await socket.drain();
}

async function sendAll(
  socket: CANSocket,
  frames: readonly Frame[],
  { confirm, timeoutMs }: SendSettings,
  summary: SendSummary,
  { signal }: Terminal,
): Promise<void> {
  for (let from = 0; from < frames.length; from += FRAMES_PER_CALL) {
    signal.throwIfAborted();
    await sendFrames(socket, frames.slice(from, from + FRAMES_PER_CALL), { confirm, timeoutMs, signal }, summary);
  }
}

async function repeat(
  send: () => Promise<void>,
  { count, intervalMs }: SendSettings,
  { signal, clock }: Terminal,
): Promise<void> {
  const startNs = clock.now();
  for (let time = 0; time < count; time++) {
    if (time > 0) {
      await pauseUntil(startNs + BigInt(Math.round(time * intervalMs * 1e6)), clock, signal);
    }
    signal.throwIfAborted();
    await send();
  }
}

/** The frames on stdin, those of one chunk together. Frames before an invalid line are still sent. */
async function* framesOf(io: Terminal): AsyncGenerator<readonly Frame[]> {
  for await (const lines of readStdinLines(io)) {
    const frames: Frame[] = [];
    let failure: Failure | undefined;
    for (const { lineNumber, text } of lines) {
      const trimmed = text.trim();
      if (trimmed === '' || trimmed.startsWith('#')) continue;
      try {
        frames.push(parseFrame(trimmed));
      } catch (error) {
        failure = new Failure(`line ${lineNumber} of stdin: ${(error as Error).message}`, error);
        break;
      }
    }
    yield frames;
    if (failure !== undefined) throw failure;
  }
}

function printResult(socket: CANSocket, summary: SendSummary, { confirm, json }: SendSettings, io: Terminal): void {
  const { offered, sent, expired, refused, confirmed } = summary;
  const confirmation = confirm ? { confirmed, confirmation: socket.confirmation } : {};
  if (json) {
    const counts = { offered, sent, expired, refused, ...confirmation };
    io.print(jsonLine({ event: 'account', interface: socket.interfaceName, ...counts }));
    return;
  }
  const back = confirm ? `, confirmed ${confirmed} (${socket.confirmation})` : '';
  io.print(`sent ${sent}, expired ${expired}, refused ${refused}${back}`);
}
