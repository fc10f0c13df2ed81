import { expect } from 'chai';
import { clock_gettime } from '../../src/libc/clock';
import { CLOCK_REALTIME } from '../../src/libc/constants';
import { EAGAIN } from '../../src/libc/errno';
import { timestampingOf } from '../../src/libc/interface';
import { Ring } from '../../src/poller/ring';
import { CAN_RAW_RECORD } from '../../src/raw/kernel/record';
import { Receiver } from '../../src/poller/receiver';
import { rawSocketCalls, openKernelEndpoint } from '../../src/raw/kernel/open';
import { addVcan, cansend, removeLink } from '../support/kernel/guest';
import { OPTIONS } from '../support/fakes/kernel-calls';
import { ListeningSocket } from '../support/sockets/listening-socket';
import { takeRecords } from '../support/traffic/records';
import { until } from '../support/waiting/until';

/** An interface of its own: nobody else sends on it. */
const NAME = 'vcan7';

describe("timestamps: 'hardware' on a vcan, which has no hardware timestamps", () => {
  beforeEach(() => {
    addVcan(NAME);
  });
  afterEach(() => {
    removeLink(NAME);
  });

  it('falls back to software timestamps and warns once per process', async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on('warning', warned);
    const listener = new ListeningSocket(NAME, { timestamps: 'hardware' });
    expect(listener.socket.timestamps).to.equal('software');
    const before = clock_gettime(CLOCK_REALTIME);
    cansend(NAME, '123#');
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

  it('finds no hardware timestamps on the vcan, and no interface of an unknown name', () => {
    const endpoint = openKernelEndpoint(NAME, OPTIONS);
    const offered = timestampingOf(endpoint.fd, NAME);
    // SOF_TIMESTAMPING_RX_HARDWARE is 4.
    expect(offered < 0 || (offered & 4) === 0).to.equal(true);
    expect(timestampingOf(endpoint.fd, 'vcan99')).to.equal(-19);
    endpoint.close();
  });

  it('receives the arrival time, not the time of reading, with SO_TIMESTAMPING', async () => {
    const calls = { ...rawSocketCalls, timestampingOf: () => 4 };
    const options = { ...OPTIONS, timestamps: 'hardware' } as const;
    const endpoint = openKernelEndpoint(NAME, options, calls);
    try {
      expect(endpoint.timestamps).to.equal('hardware');
      const ring = Ring.create(8, CAN_RAW_RECORD);
      const receiver = new Receiver(endpoint.fd, ring, endpoint.openedNs);
      const before = clock_gettime(CLOCK_REALTIME);
      cansend(NAME, '123#');
      const after = clock_gettime(CLOCK_REALTIME);
      let received = -EAGAIN;
      // The kernel may deliver after the sender has ended. Each reading is later than `after`.
      await until(() => (received = receiver.receive()) !== -EAGAIN, 'the frame is delivered');
      expect(received).to.equal(1);
      const [record = expect.fail('no record')] = takeRecords(ring);
      expect(record.systemNs >= before && record.systemNs <= after).to.equal(true);
      expect(record.hardwareNs).to.equal(0n);
    } finally {
      endpoint.close();
    }
  });
});
