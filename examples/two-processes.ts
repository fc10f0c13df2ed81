import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
// In a project of your own: from 'socketcan-ffi'.
import { CANSocket, DataFrame, FrameFormat, parseFrame, type Frame } from '../src';
import { request } from './request';
import { main } from './support/main';

/*
 * Two processes on one bus: this one asks, the one it starts answers.
 *
 *   npm run example two-processes [INTERFACE]
 *
 * An interface of the kernel (vcan0, can0) is shared by all processes, and nothing more is needed. A
 * `virtual:` bus lives in one process; here each process has one of that name, and a cable between the
 * two: Node's own channel between parent and child. So the example runs without CAN, but what it shows
 * there of the way between processes is the cable, not the kernel.
 */

const QUESTION = 0x601;
const ANSWER = 0x581;

/** The answer is the number of the process that has answered. */
const PROCESS_BYTES = 4;

/** Two processes start their threads, from source, which takes seconds. */
const STARTS_WITHIN_MS = 60_000;

/** Couples a bus of this process to the bus of the same name at the other end of the channel. */
function plugIn(interfaceName: string, end: NodeJS.Process | ChildProcess): void {
  const socket = new CANSocket(interfaceName).unref();
  socket.on('frames', (frames) => {
    // What came through the cable was sent by this socket, and so is not received by it.
    const texts = frames.map(({ frame }) => String(frame));
    if (end.connected) end.send?.(texts);
  });
  end.on('message', (texts: string[]) => {
    void socket.send(texts.map(parseFrame));
  });
}

/** The second process: answers requests with its number, until the first process is gone. */
async function answer(interfaceName: string): Promise<void> {
  const socket = new CANSocket(interfaceName);
  socket.on('frames', (frames) => {
    for (const { frame } of frames) {
      if (!(frame instanceof DataFrame) || frame.identifier !== QUESTION) continue;
      const data = Buffer.alloc(PROCESS_BYTES);
      data.writeUInt32BE(process.pid);
      void socket.send(new DataFrame(FrameFormat.Base, ANSWER, data));
    }
  });
  if (interfaceName.startsWith('virtual:')) plugIn(interfaceName, process);
  process.send?.([]);
  await once(process, 'disconnect');
  await socket.close();
}

/** The first process: starts the second, and asks it who it is. */
export async function twoProcesses(_signal: AbortSignal, interfaceName: string): Promise<void> {
  const child = fork(__filename, ['--answer', interfaceName]);
  try {
    await once(child, 'message', { signal: AbortSignal.timeout(STARTS_WITHIN_MS) });
    if (interfaceName.startsWith('virtual:')) plugIn(interfaceName, child);
    await using socket = new CANSocket(interfaceName);
    const question = new DataFrame(FrameFormat.Base, QUESTION, Uint8Array.of(1));
    const isAnswer = (frame: Frame): frame is DataFrame => frame instanceof DataFrame && frame.identifier === ANSWER;
    const reply = await request(socket, question, isAnswer, STARTS_WITHIN_MS);
    console.log(`process ${process.pid} asked: ${String(question)}`);
    console.log(`process ${Buffer.from(reply.data).readUInt32BE()} answered: ${String(reply)}`);
  } finally {
    child.disconnect();
  }
}

if (process.argv[2] === '--answer') void answer(process.argv[3] ?? '');
else main(module, twoProcesses, 'virtual:two');
