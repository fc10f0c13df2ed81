import type { Clock } from '../../../clock';
import { DataFrame, ErrorFrame, type VirtualBus, type Frame } from '../../../index';
import { every } from '../../time/wait';

/** A periodic message. */
interface Message {
  readonly periodMs: number;
  /** The n-th frame, counted from 0. */
  frame(n: number): Frame;
}

function base(identifier: number, ...data: number[]): DataFrame {
  return new DataFrame(11, identifier, Uint8Array.from(data));
}

function wave(n: number, steps: number): number {
  return Math.round(127.5 + 127.5 * Math.sin((2 * Math.PI * n) / steps));
}

/** The messages of a small vehicle. */
const MESSAGES: readonly Message[] = [
  { periodMs: 10, frame: (n) => base(0x0c4, 0x1f, wave(n, 900), 0, n & 15, 0, 0, 0x7d, n & 255) },
  { periodMs: 10, frame: (n) => base(0x0d0, wave(n, 400), wave(n + 100, 400), 0x80, n & 15) },
  { periodMs: 10, frame: (n) => base(0x17c, 0, 0, wave(n, 900), 0x10, 0, 0, n & 3, 0x55) },
  { periodMs: 20, frame: (n) => base(0x1a0, 0x20, 0, wave(n, 300), wave(n, 310), 0, 0, 0, n & 15) },
  { periodMs: 20, frame: (n) => base(0x1d0, wave(n, 250), 0, wave(n, 250), 0, 0xff, 0xff) },
  { periodMs: 40, frame: () => base(0x280, 0x49, 0x0e, 0, 0, 0x1b, 0, 0, 0) },
  { periodMs: 50, frame: (n) => base(0x320, (n >> 5) & 1, 0x40, 0) },
  {
    periodMs: 20,
    frame: (n) =>
      new DataFrame(
        11,
        0x3e8,
        Uint8Array.from({ length: 32 }, (_, i) => (i < 4 ? wave(n + 50 * i, 200) : i * 7)),
        { brs: true },
      ),
  },
  { periodMs: 100, frame: (n) => base(0x3d0, wave(n, 60), 0x5a) },
  {
    periodMs: 100,
    frame: (n) => new DataFrame(29, 0x18fef100, Uint8Array.of(0xff, wave(n, 80), 3, 0, 0, 0, 0, 0)),
  },
  { periodMs: 1000, frame: (n) => new DataFrame(29, 0x18fee500, Uint8Array.of(n >> 8, n & 255)) },
  { periodMs: 1000, frame: () => base(0x705, 0x05) },
  { periodMs: 5000, frame: () => new ErrorFrame(0x204, Uint8Array.of(0, 8, 0, 0, 0, 0, 97, 0)) },
  { periodMs: 5000, frame: () => new ErrorFrame(0x204, Uint8Array.of(0, 64, 0, 0, 0, 0, 90, 0)) },
];

export const DEMO_BITRATE = 250_000;
export const DEMO_DATA_BITRATE = 1_000_000;

/** Sends demo traffic on a virtual bus with a bit rate. The function it returns stops it. */
export function startDemo(bus: VirtualBus, clock: Clock): () => void {
  bus.configure({ bitrate: DEMO_BITRATE, dataBitrate: DEMO_DATA_BITRATE });
  const beginNs = clock.now();
  // Start at different times, as independent nodes do.
  const due = MESSAGES.map(({ periodMs }, i) => (periodMs * (i + 1)) / MESSAGES.length);
  const counts = MESSAGES.map(() => 0);
  return every(2, clock, () => {
    const elapsed = Number(clock.now() - beginNs) / 1e6;
    MESSAGES.forEach((message, i) => {
      for (let next = due[i] ?? 0; next <= elapsed; next = due[i] ?? 0) {
        const n = counts[i] ?? 0;
        bus.inject(message.frame(n));
        counts[i] = n + 1;
        due[i] = next + message.periodMs;
      }
    });
  });
}
