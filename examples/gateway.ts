// In a project of your own: from 'socketcan-ffi'.
import { CANSocket, type SendResult } from '../src';
import { main } from './support/main';

/*
 * Passes every frame of each of two buses on to the other. A socket does not receive what it sent
 * itself, so no frame goes round and round.
 *
 *   npm run example gateway [INTERFACE INTERFACE]
 */

/** A frame that waits for longer is given up and makes room for newer ones, in ms. */
const WITHIN_MS = 100;

/** What became of the frames that went one way: forwarded + expired + refused = received. */
export interface Passage {
  received: number;
  forwarded: number;
  expired: number;
  refused: number;
}

/** Forwards what one socket receives to another, from now on. */
export function forward(from: CANSocket, to: CANSocket, withinMs = WITHIN_MS): Passage {
  const passage: Passage = { received: 0, forwarded: 0, expired: 0, refused: 0 };
  const account = (result: SendResult | undefined, frames: number): void => {
    const { sent = 0, expired = 0 } = result ?? {};
    passage.forwarded += sent;
    passage.expired += expired;
    passage.refused += frames - sent - expired;
  };
  from.on('frames', (received) => {
    const frames = received.map(({ frame }) => frame);
    passage.received += frames.length;
    // Calls keep their order. Each ends after `withinMs`, which limits what waits in memory.
    to.send(frames, { timeoutMs: withinMs }).then(
      (result) => {
        account(result, frames.length);
      },
      // A CAN FD frame for a classic bus; or the socket was closed.
      (error: unknown) => {
        account((error as { result?: SendResult }).result, frames.length);
      },
    );
  });
  return passage;
}

export async function gateway(signal: AbortSignal, nameA: string, nameB: string): Promise<void> {
  await using a = new CANSocket(nameA);
  await using b = new CANSocket(nameB);
  const ways = [
    { name: `${nameA} -> ${nameB}`, from: a, passage: forward(a, b) },
    { name: `${nameB} -> ${nameA}`, from: b, passage: forward(b, a) },
  ];
  for (const [name, socket] of [
    [nameA, a],
    [nameB, b],
  ] as const) {
    // Links come and go; the gateway stays.
    for (const event of ['down', 'gone', 'back', 'up'] as const) {
      socket.on(event, () => {
        console.log(`${name} is ${event}`);
      });
    }
  }
  if (!signal.aborted) {
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true });
    });
  }
  // This ends the calls that wait, so that every frame has its count.
  await Promise.all([a.close(), b.close()]);
  for (const { name, from, passage } of ways) {
    const { received, forwarded, expired, refused } = passage;
    const lost = `${expired} expired, ${refused} refused, ${from.statistics.dropped} dropped`;
    console.log(`${name}: ${received} received, ${forwarded} forwarded, ${lost}`);
  }
}

main(module, gateway, 'virtual:left', 'virtual:right');
