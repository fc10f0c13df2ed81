/** SocketCANMedia of this package, built. */
import { createRequire } from 'node:module';
import { contend, parseArguments } from './protocol.mjs';

const { DataFrame, FilterConfiguration, SocketCANMedia } = createRequire(import.meta.url)('../../dist/index.js');
const BATCH = 64;

function open(name, { fd, filters, receiveBuffer, variant }) {
  const media = new SocketCANMedia(name, fd ? 64 : 8, {
    receiveBufferSize: receiveBuffer >>> 1,
    ...JSON.parse(variant === '' ? '{}' : variant),
  });
  if (filters > 0) {
    media.configureAcceptanceFilters(
      Array.from({ length: filters }, (_, id) => new FilterConfiguration(id, 0x7ff, 11)),
    );
  }
  const deadline = () => process.hrtime.bigint() + 10_000_000_000n;
  const envelope = (id, data) => ({ frame: new DataFrame(11, id, data, { fd }), loopback: false });
  const made = Array.from({ length: 256 }, (_, i) => envelope(0x100 + i, new Uint8Array(fd ? 64 : 8).fill(i)));
  return {
    receive(tally) {
      media.start((envelopes) => {
        const now = tally.now();
        for (const { frame } of envelopes) tally.frame(frame.identifier, frame.data, now);
        tally.done();
      }, false);
    },
    pong() {
      media.start((envelopes) => {
        for (const { frame } of envelopes) void media.send([envelope(0x200, frame.data)], deadline());
      }, false);
    },
    async send(n, mode) {
      const batch = mode === 'one' ? 1 : BATCH;
      for (let i = 0; i < n; i += batch) {
        const first = i & 255;
        await media.send(made.slice(first, first + Math.min(batch, n - i)), deadline());
      }
    },
    statistics: () => media.statistics,
  };
}

if (parseArguments().role === 'probe') {
  const { variant } = parseArguments();
  for (const name of Object.keys(JSON.parse(variant || '{}'))) {
    try {
      new SocketCANMedia('virtual:probe', 8, { [name]: Symbol.for('no such value') });
      console.log(`MISSING the option ${name}`);
      process.exit(0);
    } catch (error) {
      if (error.code !== 'ERR_SOCKETCAN_INVALID_OPTION') throw error;
    }
  }
  console.log('AVAILABLE');
  process.exit(0);
} else await contend(open);
