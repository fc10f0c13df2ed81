/** npm `socketcan`, a native addon that receives in a thread of its own and sends on the main thread. */
import { createRequire } from 'node:module';
import { contend, parseArguments } from './protocol.mjs';

const { createRawChannelWithOptions } = createRequire(import.meta.url)('../.peers/node_modules/socketcan');

function open(name, { fd, filters }) {
  const channel = createRawChannelWithOptions(name, { timestamps: true });
  if (filters > 0) {
    channel.setRxFilters(Array.from({ length: filters }, (_, id) => ({ id, mask: 0x7ff })));
  }
  const made = Array.from({ length: 256 }, (_, i) => ({
    id: 0x100 + i,
    data: Buffer.alloc(fd ? 64 : 8, i),
  }));
  const send = (message) => (fd ? channel.sendFD(message) : channel.send(message));
  return {
    receive(tally) {
      channel.addListener('onMessage', ({ id, data }) => {
        tally.frame(id, data, tally.now());
        tally.done();
      });
      channel.start();
    },
    pong() {
      channel.addListener('onMessage', ({ data }) => {
        send({ id: 0x200, data });
      });
      channel.start();
    },
    send(n) {
      for (let i = 0; i < n; i++) while (send(made[i & 255]) < 0);
    },
  };
}

if (parseArguments().role === 'probe') {
  console.log('AVAILABLE');
  process.exit(0);
} else await contend(open);
