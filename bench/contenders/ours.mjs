/** CANSocket of this package, built. variant=thread, loop, or another form as named in ./index.mjs. */
import { createRequire } from 'node:module';
import { contend, parseArguments } from './protocol.mjs';

const { CANSocket, DataFrame } = createRequire(import.meta.url)('../../dist/index.js');
const BATCH = 64;

function optionsOf({ fd, filters, receiveBuffer, variant }) {
  return {
    fd,
    receiveBufferSize: receiveBuffer >>> 1, // The kernel doubles it.
    ...JSON.parse(variant === '' ? '{}' : variant),
    ...(filters === 0 ? {} : { filters: Array.from({ length: filters }, filter) }),
  };
}

const filter = (_, identifier) => ({ identifier, mask: 0x7ff, format: 11 });

function open(name, settings) {
  const socket = new CANSocket(name, optionsOf(settings));
  const { fd } = settings;
  // Made beforehand: C has its frames, too. What it takes to make one is in the micro benches.
  const made = Array.from({ length: 256 }, (_, i) => new DataFrame(11, 0x100 + i, payload(i, fd), { fd }));
  const batches = [0, 64, 128, 192].map((first) => made.slice(first, first + BATCH));
  return {
    receive(tally) {
      socket.on('frames', (frames) => {
        const now = tally.now();
        for (const { frame } of frames) tally.frame(frame.identifier, frame.data, now);
        tally.done();
      });
    },
    pong() {
      socket.on('frames', (frames) => {
        for (const { frame } of frames) void socket.send(new DataFrame(11, 0x200, frame.data, { fd }));
      });
    },
    async send(n, mode) {
      if (mode === 'one') {
        for (let i = 0; i < n; i++) await socket.send(made[i & 255]);
        return;
      }
      for (let i = 0; i < n; i += BATCH) {
        const frames = batches[(i / BATCH) & 3];
        await socket.send(n - i < BATCH ? frames.slice(0, n - i) : frames);
      }
    },
    statistics: () => socket.statistics,
  };
}

function payload(i, fd) {
  const data = new Uint8Array(fd ? 64 : 8);
  data[0] = i;
  data[1] = i >>> 8;
  data[2] = i >>> 16;
  return data;
}

if (parseArguments().role === 'probe') {
  // What knows an option refuses a wrong value for it.
  const wanted = Object.keys(JSON.parse(parseArguments().variant || '{}'));
  for (const name of wanted) {
    try {
      new CANSocket('virtual:probe', { [name]: Symbol.for('no such value') });
      console.log(`MISSING the option ${name}`);
      process.exit(0);
    } catch (error) {
      if (error.code !== 'ERR_SOCKETCAN_INVALID_OPTION') throw error;
    }
  }
  try {
    new CANSocket('virtual:probe', optionsOf(parseArguments()));
    console.log('AVAILABLE');
  } catch (error) {
    console.log(`MISSING ${error.message}`);
  }
  process.exit(0);
} else await contend(open);
