import { expect } from 'chai';
import { CANSocket, DataFrame, type CANSocketOptions } from '../../src';
import { LONG_TIMEOUT } from '../support/sockets/long-timeout';
import { until } from '../support/waiting/until';
import { keepThread, newBus } from './probe';

const frames = (count: number, first: number): DataFrame[] =>
  Array.from({ length: count }, (_, i) => new DataFrame(11, first + i, new Uint8Array(0)));

/** The order on the bus of a long call, and of an urgent call made while the queue is full of the first. */
async function passed(sendOrder: CANSocketOptions['sendOrder']): Promise<number[]> {
  const bus = newBus({ bitrate: 125_000, virtualTime: true, txQueueLength: 3 });
  bus.startRecording();
  await using socket = new CANSocket(bus.interfaceName, sendOrder === undefined ? {} : { sendOrder });
  const long = socket.send(frames(8, 0x700), LONG_TIMEOUT);
  const urgent = socket.send(frames(2, 0x100), LONG_TIMEOUT);
  let ended = false;
  void Promise.all([long, urgent]).then(() => (ended = true));
  await until(() => {
    bus.advance(1_000_000n);
    return ended && bus.recorded.length === 10;
  }, 'all frames pass');
  expect(await long).to.include({ sent: 8 });
  expect(await urgent).to.include({ sent: 2 });
  return bus.recorded.map(({ frame }) => (frame as DataFrame).identifier);
}

describe('The order of frames on a virtual bus with a full queue', () => {
  keepThread();
  const ids = (list: readonly DataFrame[]): number[] => list.map(({ identifier }) => identifier);
  const long = ids(frames(8, 0x700));
  const urgent = ids(frames(2, 0x100));

  for (const order of [undefined, 'fifo'] as const) {
    it(`is the order of the calls with sendOrder ${String(order)}`, async () => {
      expect(await passed(order)).to.deep.equal([...long, ...urgent]);
    });
  }

  it("puts an urgent call before all frames that still wait for the kernel, with sendOrder 'priority'", async () => {
    expect(await passed('priority')).to.deep.equal([...long.slice(0, 3), ...urgent, ...long.slice(3)]);
  });
});
