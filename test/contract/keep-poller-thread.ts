import { CANSocket, DataFrame, VirtualBus } from '../../src';
import { until } from '../support/waiting/until';

/**
 * Keeps the poller thread alive for all tests of this block. Starting it takes longer than most of
 * them, and much longer on a busy machine.
 */
export function keepPollerThread(): void {
  let socket: CANSocket;
  before(async () => {
    const bus = VirtualBus.get('keep-poller-thread').reset();
    let runs = false;
    socket = new CANSocket(bus.interfaceName, { poller: 'thread' });
    socket.on('frames', () => (runs = true));
    bus.inject(new DataFrame(11, 1, new Uint8Array(0)));
    await until(() => runs, 'the poller thread runs');
  });
  after(() => socket.close());
}
