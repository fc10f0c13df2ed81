import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
// In a project of your own: from 'socketcan-ffi'.
import { CANSocket, formatLogLine } from '../src';
import { main } from './support/main';

/*
 * Writes what is received to a file that canplayer(1) and every other reader of candump logs
 * understands, error frames included. A slow disk holds up the loop and not the bus; what had to be
 * discarded for it is said in the last line.
 *
 *   npm run example log [INTERFACE FILE]
 */

/** How many frames may wait for the disk: a minute of a busy bus. */
const LIMIT = 250_000;

async function* lines(socket: CANSocket, interfaceName: string): AsyncGenerator<string> {
  const frames = socket.frames({ limit: LIMIT });
  for await (const { frame, timestamp, local } of frames) {
    const { systemNs } = timestamp;
    const direction = local ? 'tx' : 'rx';
    yield `${formatLogLine({ systemNs, interfaceName, frame, direction })}\n`;
  }
  // Only lines that begin with a parenthesis are frames.
  const { received, dropped } = socket.statistics;
  yield `# ${received} frames received, ${dropped} lost in the kernel, ${frames.discarded} discarded\n`;
}

export async function log(signal: AbortSignal, name: string, path: string): Promise<void> {
  await using socket = new CANSocket(name, { errorMask: 0x1fff_ffff, signal });
  await pipeline(lines(socket, name), createWriteStream(path));
  console.log(`written: ${path}`);
}

main(module, log, 'virtual:log', 'can.log');
