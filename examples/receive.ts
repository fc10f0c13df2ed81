// In a project of your own: from 'socketcan-ffi'.
import { CANSocket } from '../src';
import { main } from './support/main';

/*
 * Prints what is received, as a candump log line would say it, until Ctrl-C.
 *
 *   npm run example receive [INTERFACE]
 */

/** Receives until the signal is aborted, which closes the socket and so ends the loop. */
export async function receive(signal: AbortSignal, interfaceName: string): Promise<void> {
  await using socket = new CANSocket(interfaceName, { signal });
  for await (const { frame, timestamp } of socket) {
    const at = new Date(Number(timestamp.systemNs / 1_000_000n)).toISOString();
    console.log(at, interfaceName, String(frame));
  }
  const { received, dropped } = socket.statistics;
  console.log(`${received} frames received, ${dropped} lost`);
}

main(module, receive, 'virtual:receive');
