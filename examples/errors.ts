// In a project of your own: from 'socketcan-ffi'.
import { CANSocket, ErrorFrame, listInterfaces, type CANSocketEvents } from '../src';
import { main } from './support/main';

/*
 * Watches a bus for trouble: error frames in words, the link, and what the receiver lost. Data frames
 * are filtered out in the kernel, so that it costs nothing on a busy bus.
 *
 *   npm run example errors [INTERFACE]
 */

export async function watchErrors(signal: AbortSignal, interfaceName: string): Promise<void> {
  const found = listInterfaces().find(({ name }) => name === interfaceName);
  if (found?.state !== undefined) console.log(`${interfaceName} is ${found.state}`);
  // Not 'no-ack' and 'lost-arbitration', which are daily life on many a bus.
  await using socket = new CANSocket(interfaceName, {
    filters: [],
    errorMask: ['tx-timeout', 'controller', 'protocol', 'transceiver', 'bus-off', 'bus-error', 'restarted', 'counters'],
  });
  socket.on('frames', (frames) => {
    for (const { frame, timestamp } of frames) {
      if (!(frame instanceof ErrorFrame)) continue;
      const seconds = (Number(timestamp.monotonicNs / 1000n) / 1e6).toFixed(3);
      console.log(`${interfaceName} ${seconds} ${String(frame)}`);
    }
  });
  for (const event of ['down', 'up', 'gone', 'back'] satisfies (keyof CANSocketEvents)[]) {
    socket.on(event, () => {
      console.log(`${interfaceName} is ${event}`);
    });
  }
  socket.on('overflow', (lost) => {
    console.log(`${interfaceName} ${lost} frames lost`);
  });
  if (signal.aborted) return;
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
}

main(module, watchErrors, 'virtual:errors');
