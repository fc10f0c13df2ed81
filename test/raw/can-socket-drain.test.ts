import { expect } from 'chai';
import { CANSocket, parseFrame } from '../../src';
import { LONG_TIMEOUT } from '../support/sockets/long-timeout';

describe('CANSocket.drain', () => {
  it('resolves when the listeners have all frames received so far, while the thread is starting', async () => {
    await using sender = new CANSocket('virtual:drain');
    await using receiver = new CANSocket('virtual:drain', { receiveBufferSize: 2 ** 22 });
    let received = 0;
    receiver.on('frames', ({ length }) => (received += length));
    for (let round = 1; round <= 20; round++) {
      await sender.send(
        Array.from({ length: 200 }, () => parseFrame('123#11')),
        LONG_TIMEOUT,
      );
      await receiver.drain();
      expect(received).to.equal(200 * round);
    }
  });

  it('resolves at once when the socket does not receive', async () => {
    const socket = new CANSocket('virtual:drain');
    await socket.drain();
    await socket.close();
    await socket.drain();
  });
});
