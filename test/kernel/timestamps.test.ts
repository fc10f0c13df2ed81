import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLOCK_REALTIME, clock_gettime, timestampingOf } from '../../src/libc';
import { Ring } from '../../src/poller';
import { Receiver } from '../../src/poller/receiver';
import { endpointCalls, openKernelEndpoint } from '../../src/socket/kernel-open';
import { canutil } from '../support/kernel/guest';
import { OPTIONS } from '../support/fakes/kernel-calls';
import { ListeningSocket } from '../support/sockets/listening-socket';
import { takeRecords } from '../support/traffic/records';

describe('hardware time stamps on a vcan, which has none', () => {
  it('fall back to the kernel’s, with one warning of the process', async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on('warning', warned);
    const listener = new ListeningSocket('vcan0', { timestamps: 'hardware' });
    expect(listener.socket.timestamps).to.equal('software');
    const before = clock_gettime(CLOCK_REALTIME);
    await canutil('cansend', 'vcan0', '123#');
    const after = clock_gettime(CLOCK_REALTIME);
    await listener.until(1);
    process.off('warning', warned);
    const [{ timestamp } = expect.fail('no frame')] = listener.received;
    expect(timestamp).to.have.keys('systemNs', 'monotonicNs');
    expect(timestamp.systemNs >= before && timestamp.systemNs <= after).to.equal(true);
    expect(warnings.map((each) => (each as NodeJS.ErrnoException).code)).to.deep.equal([
      'SOCKETCAN_NO_HARDWARE_TIMESTAMPS',
    ]);
    await listener.close();
  });

  it('are not offered by it, nor by a name that is not there', () => {
    const endpoint = openKernelEndpoint('vcan0', OPTIONS);
    const offered = timestampingOf(endpoint.fd, 'vcan0');
    // SOF_TIMESTAMPING_RX_HARDWARE is 4.
    expect(offered < 0 || (offered & 4) === 0).to.equal(true);
    expect(timestampingOf(endpoint.fd, 'vcan99')).to.equal(-19);
    endpoint.close();
  });

  it('can be asked of this kernel: SO_TIMESTAMPING gives the time a frame came, not of its reading', async () => {
    const calls = { ...endpointCalls, timestampingOf: () => 4 };
    const options = { ...OPTIONS, timestamps: 'hardware' } as const;
    const endpoint = openKernelEndpoint('vcan0', options, calls);
    try {
      expect(endpoint.timestamps).to.equal('hardware');
      const ring = Ring.create(8);
      const receiver = new Receiver(endpoint.fd, ring, endpoint.openedNs);
      const before = clock_gettime(CLOCK_REALTIME);
      await canutil('cansend', 'vcan0', '123#');
      const after = clock_gettime(CLOCK_REALTIME);
      await sleep(50);
      expect(receiver.receive()).to.equal(1);
      const [record = expect.fail('no record')] = takeRecords(ring);
      expect(record.systemNs >= before && record.systemNs <= after).to.equal(true);
      expect(record.hardwareNs).to.equal(0n);
    } finally {
      endpoint.close();
    }
  });
});
