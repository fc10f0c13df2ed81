import { buildSync } from 'esbuild';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { built } from '../harness/venue.mjs';

/** What is inside, too, for the codec is no part of the public surface; bundled, as in the package. */
const inside = join(built, 'inside.cjs');
buildSync({
  stdin: {
    contents: `
      export * from './src/index';
      export { decodeFrame, encodeFrame } from './src/frame/codec';
      export { AcceptanceFilters } from './src/raw/filters/acceptance';
      export { Memory } from './src/libc/memory';`,
    resolveDir: join(import.meta.dirname, '..', '..'),
  },
  bundle: true,
  platform: 'node',
  external: ['koffi'],
  outfile: inside,
});
const {
  AcceptanceFilters,
  DataFrame,
  decodeFrame,
  encodeFrame,
  FilterConfiguration,
  formatLogLine,
  Memory,
  optimizeFilterConfigurations,
  parseFrame,
} = createRequire(import.meta.url)(inside);

const SLOTS = 128;
const classic = Array.from(
  { length: SLOTS },
  (_, i) => new DataFrame(11, i, Uint8Array.from([1, 2, 3, 4, 5, 6, 7, i])),
);
const fd = Array.from(
  { length: SLOTS },
  (_, i) => new DataFrame(29, i, new Uint8Array(64).fill(i), { fd: true, brs: true }),
);
const memory = new Memory(SLOTS * 72);
const received = { classic: new Memory(SLOTS * 72), fd: new Memory(SLOTS * 72) };
for (let i = 0; i < SLOTS; i++) {
  encodeFrame(classic[i], received.classic, i * 72);
  encodeFrame(fd[i], received.fd, i * 72);
}

const payload = new Uint8Array(8);
const payload64 = new Uint8Array(64);
const filter = (_, identifier) => new FilterConfiguration(identifier, 0x7ff, 11);
const sets = Object.fromEntries(
  [1, 64, 512].map((count) => [count, new AcceptanceFilters(Array.from({ length: count }, filter), false)]),
);
const many = Array.from({ length: 64 }, (_, i) => new FilterConfiguration(i * 7, 0x7ff, 11));
const texts = { classic: classic[1].toString(), fd: fd[1].toString() };
const record = {
  frame: classic[1],
  interfaceName: 'vcan0',
  systemNs: 1_700_000_000_123_456_789n,
};
let sink;

/** By group and name; each is called with a number that counts up to 99 again and again. */
export const groups = {
  frame: {
    'new DataFrame, 8 bytes': (i) => (sink = new DataFrame(11, i, payload)),
    'new DataFrame, CAN FD, 64 bytes': (i) => (sink = new DataFrame(29, i, payload64, { fd: true, brs: true })),
  },
  encode: {
    classic: (i) => (sink = encodeFrame(classic[i], memory, i * 72)),
    'CAN FD': (i) => (sink = encodeFrame(fd[i], memory, i * 72)),
  },
  decode: {
    classic: (i) => (sink = decodeFrame(received.classic, i * 72, 16)),
    'CAN FD': (i) => (sink = decodeFrame(received.fd, i * 72, 72)),
  },
  filters: {
    '1 filter': (i) => (sink = sets[1].accepts(classic[i])),
    '64 filters': (i) => (sink = sets[64].accepts(classic[i & 63])),
    '512 filters': (i) => (sink = sets[512].accepts(classic[i])),
    'merging 64 to 60': () => (sink = optimizeFilterConfigurations(many, 60)),
  },
  candump: {
    'toString, classic': (i) => (sink = classic[i].toString()),
    'toString, CAN FD': (i) => (sink = fd[i].toString()),
    'parseFrame, classic': () => (sink = parseFrame(texts.classic)),
    'parseFrame, CAN FD': () => (sink = parseFrame(texts.fd)),
    formatLogLine: () => (sink = formatLogLine(record)),
  },
};

/** What was made last, so that none of it is optimised away. */
export const last = () => sink;
