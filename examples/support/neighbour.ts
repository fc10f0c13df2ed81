import { CANSocket, DataFrame, ErrorFrame, FrameFormat, VirtualBus } from '../../src';

/** What the neighbour answers to, and with. */
export const REQUEST = 0x7df;
export const ANSWER = 0x7e8;
export const HEARTBEAT = 0x100;

const EVERY_MS = 20;

/** The other node on a bus of this process. */
export interface Neighbour {
  /** Resolves after this many heartbeats; those without another node on the bus do not count. */
  beats(count: number): Promise<void>;
  leave(): Promise<void>;
}

/**
 * Puts a node on a bus of this process, so that an example has something to receive. It sends a
 * heartbeat with a count every 20 ms, answers requests with their own data, and has a loose plug: every
 * tenth heartbeat brings an error frame. The bus runs at 125 kbit/s: a frame takes 0.5 to 1 ms.
 */
export async function neighbourOn(interfaceName: string): Promise<Neighbour> {
  const bus = VirtualBus.get(interfaceName.slice('virtual:'.length));
  bus.configure({ bitrate: 125_000 });
  const socket = new CANSocket(interfaceName).unref();
  const send = (identifier: number, data: Uint8Array): void => {
    const frame = new DataFrame(FrameFormat.Base, identifier, data);
    socket.send(frame, { timeoutMs: 50 }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SOCKETCAN_CLOSED') throw error;
    });
  };
  socket.on('frames', (frames) => {
    for (const { frame } of frames) {
      if (frame instanceof DataFrame && frame.identifier === REQUEST) send(ANSWER, frame.data);
    }
  });
  // The first frame comes back when the receiving thread runs, which takes a moment.
  await socket.send(new DataFrame(FrameFormat.Base, HEARTBEAT, Uint8Array.of(0)), {
    confirm: true,
    timeoutMs: 60_000,
  });
  let count = 0;
  const waiting: { left: number; readonly resolve: () => void }[] = [];
  const heart = setInterval(() => {
    if (bus.nodes > 1) {
      for (const each of waiting) if (--each.left === 0) each.resolve();
    }
    send(HEARTBEAT, Uint8Array.of(++count & 0xff));
    // Bus error: a form error in the acknowledge slot; then the counters of errors: 8 sent, 0 received.
    if (count % 10 === 0) {
      bus.inject(new ErrorFrame(0x288, Uint8Array.of(0, 0, 0x02, 0x19, 0, 0, 8, 0)));
    }
  }, EVERY_MS);
  return {
    beats: (left) =>
      new Promise((resolve) => {
        waiting.push({ left, resolve });
      }),
    leave: () => {
      clearInterval(heart);
      return socket.close();
    },
  };
}
