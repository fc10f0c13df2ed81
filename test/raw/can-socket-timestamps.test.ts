import { expect } from 'chai';
import { CANSocket, DataFrame } from '../../src';
import { ListeningSocket } from '../support/sockets/listening-socket';
import { keepThread, newBus } from '../virtual/probe';

describe('a CANSocket on an interface without hardware timestamps', () => {
  keepThread();

  it('warns once, falls back to timestamps of the kernel, and stamps frames', async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on('warning', warned);
    const bus = newBus();
    const listener = new ListeningSocket(bus.interfaceName, { timestamps: 'hardware' });
    const before = process.hrtime.bigint();
    bus.inject(new DataFrame(11, 1, new Uint8Array()));
    await listener.until(1);
    process.off('warning', warned);
    expect(listener.socket.timestamps).to.equal('software');
    const [{ timestamp } = expect.fail('no frame')] = listener.received;
    expect(timestamp).to.have.keys('systemNs', 'monotonicNs');
    expect(timestamp.monotonicNs >= before).to.equal(true);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include({
      name: 'SocketCANWarning',
      code: 'SOCKETCAN_NO_HARDWARE_TIMESTAMPS',
      message: `${bus.interfaceName} has no hardware timestamps; the kernel's timestamps are used instead`,
    });
    await listener.close();
  });

  it("does not warn with timestamps: 'software'", async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on('warning', warned);
    await using socket = new CANSocket(newBus().interfaceName, { timestamps: 'software' });
    await new Promise(setImmediate);
    process.off('warning', warned);
    expect(socket.timestamps).to.equal('software');
    expect(warnings).to.deep.equal([]);
  });
});
