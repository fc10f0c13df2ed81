import { CANSocket, DataFrame, ErrorFrame, FrameFormat, VirtualBus } from '../../src';

/** What the neighbour answers to, and with. */
export const REQUEST = 0x7df;
export const ANSWER = 0x7e8;
export const HEARTBEAT = 0x100;

const EVERY_MS = 20;

/**
 * The other node on a bus of this process, so that an example has something to receive. It sends a
 * heartbeat with a count every 20 ms, answers requests with their own data, and has a loose plug: with
 * every tenth heartbeat there is an error frame. The bus runs at 125 kbit/s: a frame takes 0.5 to 1 ms.
 */
export async function neighbourOn(interfaceName: string): Promise<{ leave(): Promise<void> }> {
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
  // Its first frame has come back when the receiving thread has started, which takes a moment.
  await socket.send(new DataFrame(FrameFormat.Base, HEARTBEAT, Uint8Array.of(0)), {
    confirm: true,
    timeoutMs: 10_000,
  });
  let count = 0;
  const heart = setInterval(() => {
    send(HEARTBEAT, Uint8Array.of(++count & 0xff));
    // Bus error: a form error in the acknowledge slot; then the counters of errors: 8 sent, 0 received.
    if (count % 10 === 0) {
      bus.inject(new ErrorFrame(0x288, Uint8Array.of(0, 0, 0x02, 0x19, 0, 0, 8, 0)));
    }
  }, EVERY_MS);
  return {
    leave: () => {
      clearInterval(heart);
      return socket.close();
    },
  };
}
