import { expect } from 'chai';
import { CANSocket, DataFrame } from '../../../src';
import { SOL_SOCKET, SO_TIMESTAMPNS_NEW } from '../../../src/libc/constants';
import { Ring } from '../../../src/poller/ring';
import { CAN_RAW_RECORD } from '../../../src/raw/kernel/record';
import { Echoes } from '../../../src/raw/receive/echoes';
import { AcceptanceFilters } from '../../../src/raw/filters/acceptance';
import { openKernelEndpoint } from '../../../src/raw/kernel/open';
import { checkOptions } from '../../../src/raw/options';
import { Reception } from '../../../src/raw/receive/reception';
import { newCounters } from '../../../src/raw/statistics';
import { FakeKernel, option, OPTIONS } from '../../support/fakes/kernel-calls';
import { ListeningSocket } from '../../support/sockets/listening-socket';
import { classicBytes } from '../../support/traffic/pairs';
import { putRecord } from '../../support/traffic/records';
import { thrown, wrong } from '../../support/asserts/thrown';
import { keepThread, newBus } from '../../virtual/probe';
import { ENOPROTOOPT } from '../../support/headers/constants';

/** linux/net_tstamp.h: SOF_TIMESTAMPING_RX_HARDWARE 4, RX_SOFTWARE 8, SOFTWARE 16, RAW_HARDWARE 64. */
const ASKED = 4 + 8 + 16 + 64;
const NEW = option(SOL_SOCKET, 65);
const OLD = option(SOL_SOCKET, 37);
const SOFTWARE = option(SOL_SOCKET, SO_TIMESTAMPNS_NEW);

describe('the option timestamps', () => {
  it("accepts 'software' and 'hardware' only", () => {
    expect(checkOptions({}).timestamps).to.equal('software');
    expect(checkOptions({ timestamps: 'hardware' }).timestamps).to.equal('hardware');
    for (const [value, type, found] of [
      ['Hardware', RangeError, '"Hardware"'],
      ['', RangeError, '""'],
      [true, TypeError, 'true'],
      [1, TypeError, '1'],
    ] as const) {
      const error = thrown(() => checkOptions({ timestamps: wrong(value) }));
      expect(error).to.be.instanceOf(type);
      expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_OPTION');
      expect(error.message).to.equal(`The option timestamps must be 'software' or 'hardware'; found ${found}`);
    }
  });
});

describe("openKernelEndpoint with timestamps: 'hardware'", () => {
  const open = (answers: Readonly<Record<string, number>>) => {
    const kernel = new FakeKernel(answers);
    const options = { ...OPTIONS, timestamps: 'hardware' } as const;
    return { kernel, endpoint: openKernelEndpoint('can7', options, kernel.calls) };
  };

  it('requests both kinds of timestamps when the interface offers them', () => {
    const { kernel, endpoint } = open({ timestampingOf: 4 + 64 });
    expect(endpoint.timestamps).to.equal('hardware');
    expect(kernel.values.get(NEW)).to.equal(ASKED);
    expect([...kernel.values.keys()]).to.not.include.members([OLD]);
    expect([...kernel.values.keys()]).to.not.include.members([SOFTWARE]);
  });

  it('uses the option of Linux before 5.1 when the kernel does not know the new one', () => {
    const { kernel, endpoint } = open({
      timestampingOf: 0x5f,
      [`set ${NEW}`]: -ENOPROTOOPT,
    });
    expect(endpoint.timestamps).to.equal('hardware');
    expect(kernel.values.get(OLD)).to.equal(ASKED);
    expect(kernel.values.has(NEW)).to.equal(false);
  });

  it('asks the interface before it sets any option', () => {
    const { kernel } = open({ timestampingOf: 4 });
    const set = kernel.log.findIndex((line) => line.startsWith('set '));
    expect(kernel.log.slice(0, set)).to.include('timestampingOf can7');
  });

  it('falls back to timestamps of the kernel when the interface offers none, or does not answer', () => {
    for (const offered of [0, 8 + 16, 64, -95, -19]) {
      const { kernel, endpoint } = open({ timestampingOf: offered });
      expect(endpoint.timestamps, `offered ${offered}`).to.equal('software');
      expect(kernel.values.get(SOFTWARE)).to.equal(1);
      expect(kernel.values.has(NEW) || kernel.values.has(OLD)).to.equal(false);
    }
  });

  it('throws when the kernel refuses both options', () => {
    const refusals = { [`set ${NEW}`]: -ENOPROTOOPT, [`set ${OLD}`]: -ENOPROTOOPT };
    const error = thrown(() => open({ timestampingOf: 4, ...refusals }));
    expect(error).to.include({ code: 'ENOPROTOOPT', syscall: 'setsockopt', interface: 'can7' });
  });

  it("does not ask the interface with timestamps: 'software'", () => {
    const kernel = new FakeKernel();
    openKernelEndpoint('can7', OPTIONS, kernel.calls);
    expect(kernel.log).to.not.include('timestampingOf can7');
  });
});

describe('the timestamp of a frame', () => {
  it('has hardwareNs only when the controller stamped that frame', () => {
    const ring = Ring.create(4, CAN_RAW_RECORD);
    const filters = new AcceptanceFilters(undefined);
    const reception = new Reception(newCounters(), filters, new Echoes(), false);
    for (const hardwareSec of [5, 0, 6]) putRecord(ring, classicBytes(1), { hardwareSec });
    const [systemNs, monotonicNs] = [1_000_000_000n, 2_000_000_000n];
    expect(reception.take(ring).map(({ timestamp }) => timestamp)).to.deep.equal([
      { systemNs, monotonicNs, hardwareNs: 5_000_000_000n },
      { systemNs, monotonicNs },
      { systemNs, monotonicNs, hardwareNs: 6_000_000_000n },
    ]);
  });
});

describe('a CANSocket on a bus without hardware timestamps', () => {
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
