// In a project of your own: from 'socketcan-ffi'.
import { CANSocket, DataFrame, FrameFormat } from '../src';
import { main } from './support/main';

/*
 * Sends more frames than the bus can take in the time there is for them. What is not sent at the
 * deadline never is: the count says how many have gone.
 *
 *   npm run example send [INTERFACE]
 */

const FRAMES = 200;
const WITHIN_MS = 50;
const PATIENCE_MS = 60_000;

export async function send(signal: AbortSignal, interfaceName: string): Promise<void> {
  await using socket = new CANSocket(interfaceName);
  const frames = Array.from(
    { length: FRAMES },
    (_, i) => new DataFrame(FrameFormat.Base, 0x200, Uint8Array.of(i, 1, 2, 3, 4, 5, 6, 7)),
  );
  const deadlineNs = process.hrtime.bigint() + BigInt(WITHIN_MS) * 1_000_000n;
  const { sent, expired } = await socket.send(frames, { deadlineNs, signal });
  console.log(`${sent} of ${FRAMES} frames sent within ${WITHIN_MS} ms, ${expired} given up`);

  // "Sent" is in the kernel's queue. With confirm, a controller has acknowledged it on the bus.
  const last = frames.slice(-1);
  const options = { confirm: true, timeoutMs: PATIENCE_MS, signal };
  const { confirmed, confirmation } = await socket.send(last, options);
  console.log(`${confirmed} more, and it has come back: '${confirmation}'`);
}

main(module, send, 'virtual:send');
