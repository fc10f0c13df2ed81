// In a project of your own: from 'socketcan-ffi'.
import { CANSocket, DataFrame, FilterConfiguration, FrameFormat, type Frame } from '../src';
import { main } from './support/main';
import { ANSWER, REQUEST } from './support/neighbour';

/*
 * Asks, and waits for the answer with a time limit.
 *
 *   npm run example request [INTERFACE]
 */

const PATIENCE_MS = 60_000;

/**
 * Sends a question and resolves with the first frame received after it that is an answer.
 *
 * @throws {Error} `ABORT_ERR` when no answer comes within `timeoutMs`, or when the question could not be
 * sent by then; `ERR_SOCKETCAN_CLOSED`
 */
export async function request<Answer extends Frame>(
  socket: CANSocket,
  question: Frame,
  isAnswer: (frame: Frame) => frame is Answer,
  timeoutMs = 1000,
): Promise<Answer> {
  const askedNs = process.hrtime.bigint();
  // From before the question on, or a quick answer would be missed.
  const frames = socket.frames({ signal: AbortSignal.timeout(timeoutMs) });
  try {
    await socket.send(question, { timeoutMs });
    for await (const { frame, timestamp } of frames) {
      // What the kernel had queued before the question answers nothing.
      if (timestamp.monotonicNs >= askedNs && isAnswer(frame)) return frame;
    }
    throw new Error('The socket was closed before the answer came');
  } finally {
    await frames.return();
  }
}

export async function ask(signal: AbortSignal, interfaceName: string): Promise<void> {
  const filters = [new FilterConfiguration(ANSWER, 0x7ff, FrameFormat.Base)];
  await using socket = new CANSocket(interfaceName, { filters, signal });
  const isAnswer = (frame: Frame): frame is DataFrame => frame instanceof DataFrame;

  const question = new DataFrame(FrameFormat.Base, REQUEST, Uint8Array.of(2, 1, 0));
  const answer = await request(socket, question, isAnswer, PATIENCE_MS);
  console.log(`${String(question)} -> ${String(answer)}`);

  const toNobody = new DataFrame(FrameFormat.Base, 0x7d0, Uint8Array.of(2, 1, 0));
  try {
    await request(socket, toNobody, isAnswer, 100);
  } catch (error) {
    console.log(`${String(toNobody)} -> ${(error as NodeJS.ErrnoException).code}: no answer`);
  }
}

main(module, ask, 'virtual:request');
