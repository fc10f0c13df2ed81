import { expect } from 'chai';
import { once } from 'node:events';
import { CANSocket, DataFrame, type ReceivedFrame } from '../../../src';
import { openDescriptors } from '../../support/processes/process';
import { FULL } from '../../support/processes/nodes';
import { row } from '../../support/rows/row';
import { underTraffic } from '../../support/traffic/under-traffic';

const CYCLES = FULL ? 50 : 15;

/** The identifiers of each interface's frames. */
const IDENTIFIERS = { vcan0: 0x100, vcan1: 0x200 } as const;

describe('A descriptor number that the kernel uses again', () => {
  underTraffic(1, IDENTIFIERS);

  row('S3', `${CYCLES} sockets in turn receive frames of their own interface only`, async (seen) => {
    const keeper = new CANSocket('vcan0');
    // From then on the thread, too, has all the descriptors that it needs.
    await once(
      keeper.on('frames', () => undefined),
      'frames',
    );
    const numbers = new Set<string>();
    let count = 0;
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const name = cycle % 2 === 0 ? 'vcan0' : 'vcan1';
      const before = openDescriptors();
      const socket = new CANSocket(name);
      const opened = openDescriptors().filter((each) => !before.includes(each));
      numbers.add(opened.map((each) => each.split(' ')[0]).join(' '));
      for (let batch = 0; batch < 3; batch++) {
        const [frames] = (await once(socket, 'frames')) as [readonly ReceivedFrame[]];
        count += frames.length;
        const identifiers = frames.map(({ frame }) => (frame as DataFrame).identifier);
        const others = identifiers.filter((identifier) => identifier !== IDENTIFIERS[name]);
        expect(others, `on ${name}`).to.deep.equal([]);
      }
      await socket.close();
    }
    await keeper.close();
    seen(`number ${[...numbers].join(', ')}; ${count} frames, all of their own interface`);
    expect(numbers.size).to.equal(1);
  });
});
