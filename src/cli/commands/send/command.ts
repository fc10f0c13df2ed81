import { CANSocket, parseFrame, type Frame } from '../../../index';
import { checkCount, durationOf, flagOf, fromArgument, integerOf } from '../../main/arguments';
import { Failure, UsageError } from '../../main/failures';
import type { Terminal } from '../../main/terminal';
import type { Arguments, Command } from '../../main/command';
import { readStdinLines } from '../../files/stdin';
import { jsonLine } from '../../text/json';
import { FRAMES_PER_CALL, DEFAULT_TIMEOUT_MS, sendFrames } from '../../send/send-frames';
import { SendSummary } from '../../send/send-summary';
import { pauseUntil } from '../../time/wait';

const USAGE = `
Usage: socketcan send [OPTION...] INTERFACE FRAME...

Sends frames, written as for cansend, in order. "-" alone: those on stdin, one a line, as they come; empty
lines and those that begin with a # are passed over.

  123#DEADBEEF         3 hex digits: 11 bits; up to 8 bytes, "." may part them
  1BADC0FE#            8 hex digits: 29 bits
  123#R4               remote frame, with length
  123##1AABB           CAN FD; a digit of flags: 1 bit rate switch, 2 error state

      --timeout TIME   give up after this time: the queue is full, the link down (ms; default 1s)
      --confirm        wait until the controller has sent the frames (where the driver tells; else until
                       they are queued, and the result says so)
  -n, --count N        send all of them N times (default 1)
      --interval TIME  between the times (ms; default 0)
      --json           the result as JSON on stdout
  -h, --help

Examples:
  socketcan send can0 123#DEADBEEF 124#
  echo '123##1AABB' | socketcan send can0 -

Exit code: 0 all sent (with --confirm: confirmed); 1 not all, or failed; 2 wrong usage; 130 interrupted before that.
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
    const account = new SendSummary(io.clock);
    const send = (frames: readonly Frame[]): Promise<void> => sendAll(socket, frames, settings, account, io);
    try {
      if (settings.confirm) await startReceiving(socket);
      if (fromInput) for await (const frames of framesOf(io)) await send(frames);
      else await repeat(() => send(given), settings, io);
      const missing = settings.confirm ? account.offered - account.confirmed : 0;
      return account.complete && missing === 0 ? 0 : 1;
    } finally {
      await socket.close();
      result(socket, account, settings, io);
    }
  },
};

/** Confirmations take the thread that receives, whose start is no part of the timeout. */
async function startReceiving(socket: CANSocket): Promise<void> {
  socket.on('frames', () => undefined);
  await socket.drain();
}

async function sendAll(
  socket: CANSocket,
  frames: readonly Frame[],
  { confirm, timeoutMs }: SendSettings,
  account: SendSummary,
  { signal }: Terminal,
): Promise<void> {
  for (let from = 0; from < frames.length; from += FRAMES_PER_CALL) {
    signal.throwIfAborted();
    await sendFrames(socket, frames.slice(from, from + FRAMES_PER_CALL), { confirm, timeoutMs, signal }, account);
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

/** The frames on stdin, those together that came together. What is before a bad line is sent. */
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

function result(socket: CANSocket, account: SendSummary, { confirm, json }: SendSettings, io: Terminal): void {
  const { offered, sent, expired, refused, confirmed } = account;
  const confirmation = confirm ? { confirmed, confirmation: socket.confirmation } : {};
  if (json) {
    const counts = { offered, sent, expired, refused, ...confirmation };
    io.print(jsonLine({ event: 'account', interface: socket.interfaceName, ...counts }));
    return;
  }
  const back = confirm ? `, confirmed ${confirmed} (${socket.confirmation})` : '';
  io.print(`sent ${sent}, expired ${expired}, refused ${refused}${back}`);
}
