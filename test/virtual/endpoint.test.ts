import { expect } from 'chai';
import { ErrorFrame, FilterConfiguration, RemoteFrame } from '../../src';
import { ENETDOWN, ENODEV } from '../../src/libc/errno';
import { host } from '../../src/libc/layouts';
import { openRawEndpoint } from '../../src/interfaces';
import { VirtualEndpoint } from '../../src/virtual/endpoint';
import { toKernelFilter } from '../../src/frame/can-filter';
import { OPTIONS } from '../support/fakes/kernel-calls';
import { openDescriptors, sleep } from '../support/processes/process';
import { until } from '../support/waiting/until';
import { closeProbes, newBus, Probe } from './probe';

function filters(...configurations: FilterConfiguration[]): Uint8Array {
  return Buffer.concat(configurations.map((each) => host.can_filter.make({ ...toKernelFilter(each) })));
}

describe('VirtualEndpoint', () => {
  closeProbes();

  it('opens for a name with the scheme virtual', () => {
    const endpoint = openRawEndpoint('virtual:some name', OPTIONS);
    expect(endpoint).to.be.instanceOf(VirtualEndpoint);
    expect(endpoint.interfaceName).to.equal('virtual:some name');
    expect(endpoint.link()).to.equal('up');
    endpoint.close();
  });

  it('holds two descriptors while it is open, and none after close()', () => {
    const bus = newBus();
    const before = openDescriptors();
    const probes = [new Probe(bus), new Probe(bus)];
    expect(openDescriptors()).to.have.lengthOf(before.length + 4);
    for (const probe of probes) probe.close();
    expect(openDescriptors()).to.deep.equal(before);
  });

  it('holds no descriptor when the bus was removed', () => {
    const bus = newBus();
    bus.remove();
    const before = openDescriptors();
    expect(() => new VirtualEndpoint(bus.name, OPTIONS)).to.throw('ENODEV');
    expect(openDescriptors()).to.deep.equal(before);
  });

  it('applies the filters it was opened with, then those of setFilters()', () => {
    const bus = newBus();
    const sender = new Probe(bus);
    const probe = new Probe(bus, { filters: filters(new FilterConfiguration(0x123, 0x7ff, 11)) });
    sender.send('123#', '124#');
    probe.endpoint.setFilters(filters(new FilterConfiguration(0x124, 0x7ff, 11)));
    sender.send('123#', '124#');
    probe.endpoint.setFilters(new Uint8Array(0));
    sender.send('123#', '124#');
    // Frames queued under the old filters are still delivered.
    expect(probe.texts).to.deep.equal(['123#', '124#']);
  });

  it('accepts frames that match all filters when it joins them', () => {
    const bus = newBus();
    const sender = new Probe(bus);
    const two = filters(new FilterConfiguration(0x100, 0x700, 11), new FilterConfiguration(3, 0xf, 11));
    const [any, all] = [new Probe(bus, { filters: two }), new Probe(bus, { filters: two, joinFilters: true })];
    sender.send('100#', '103#', '203#', '204#', new RemoteFrame(11, 0x103, 0));
    expect(any.texts).to.deep.equal(['100#', '103#', '203#']);
    expect(all.texts).to.deep.equal(['103#']);
  });

  it('receives the error frames of the last error mask', () => {
    const bus = newBus();
    const probe = new Probe(bus, { errorMask: 4 });
    const send = (): void => {
      for (const mask of [4, 0x40]) bus.inject(new ErrorFrame(mask, new Uint8Array(8)));
    };
    send();
    expect(probe.texts).to.deep.equal(['error: controller']);
    probe.endpoint.setErrorMask(0x40);
    send();
    expect(probe.texts).to.deep.equal(['error: bus-off']);
    probe.endpoint.setErrorMask(0);
    send();
    expect(probe.texts).to.deep.equal([]);
  });

  it('marks own frames when it receives them, and frames of this host', () => {
    const bus = newBus();
    const [a, b] = [new Probe(bus), new Probe(bus)];
    a.send('001#');
    a.endpoint.setReceiveOwn(true);
    a.send('002#');
    b.send('003#');
    a.endpoint.setReceiveOwn(false);
    a.send('004#');
    expect(a.take().map(({ text, own, local }) => [text, own, local])).to.deep.equal([
      ['002#', true, true],
      ['003#', false, true],
    ]);
    expect(b.take().map(({ own, local }) => [own, local])).to.deep.equal(new Array(3).fill([false, true]));
  });

  it('sends to no socket with loopback off, not even to itself', () => {
    const bus = newBus();
    const mute = new Probe(bus, { loopback: false, receiveOwn: true });
    const other = new Probe(bus);
    expect(mute.send('123#')).to.equal(1);
    other.send('124#');
    expect([mute.texts, other.texts]).to.deep.equal([['124#'], []]);
  });

  it('holds as many frames as the kernel in the same memory, and counts the others as dropped', () => {
    const bus = newBus();
    const sender = new Probe(bus);
    const probe = new Probe(bus, { receiveBufferSize: 106_496 });
    expect(probe.endpoint.receiveBufferSize).to.equal(212_992);
    for (let i = 0; i < 500; i += 50) {
      sender.send(...Array.from({ length: 50 }, (_, at) => new RemoteFrame(29, i + at, 0)));
    }
    expect(probe.endpoint.drops()).to.equal(500 - 278);
    const kept = probe.take();
    expect(kept).to.have.lengthOf(278);
    expect(kept.at(-1)).to.include({ text: '00000115#R', drops: 0 });
    sender.send('123#');
    expect(probe.take()).to.deep.equal([{ text: '123#', own: false, local: true, drops: 500 - 278 }]);
  });

  for (const [what, errno] of [
    ['down', ENETDOWN],
    ['remove', ENODEV],
  ] as const) {
    it(`reports ${what}() once, after the frames of a full receive buffer`, async () => {
      const bus = newBus();
      const probe = new Probe(bus, { receiveBufferSize: 4096 });
      while (probe.endpoint.drops() === 0) bus.inject(new RemoteFrame(11, 1, 0));
      bus[what]();
      const kept = probe.take();
      expect(kept.length).to.be.above(5);
      const results: number[] = [];
      await until(() => {
        results.push(probe.receive());
        return results.includes(-errno);
      }, `error ${errno}`);
      // The bus has reported the error, and does not repeat it.
      expect(probe.receive()).to.be.below(0).and.not.equal(-errno);
    });
  }

  it('reports one change before later frames when a full receive buffer had no room for the first', async () => {
    const bus = newBus();
    const probe = new Probe(bus, { receiveBufferSize: 4096 });
    while (probe.endpoint.drops() === 0) bus.inject(new RemoteFrame(11, 1, 0));
    const { drops } = probe.take().at(-1) ?? { drops: -1 };
    expect(drops).to.equal(0);
    while (probe.endpoint.drops() === 1) bus.inject(new RemoteFrame(11, 2, 0));
    bus.down();
    bus.up();
    bus.inject(new RemoteFrame(11, 3, 0));
    expect(probe.endpoint.drops()).to.equal(3);
    expect(new Set(probe.texts)).to.deep.equal(new Set(['002#R']));
    bus.inject(new RemoteFrame(11, 4, 0));
    expect(probe.receive()).to.equal(2);
    expect(probe.receive()).to.equal(-ENETDOWN);
    expect(probe.texts).to.deep.equal(['004#R']);
    await sleep(5); // A timer that repeats the error after 4 ms would run first.
    expect(probe.receive()).to.be.below(0).and.not.equal(-ENETDOWN);
  });

  it('reports one error when the link went down and up 50 times before anyone read', () => {
    const bus = newBus();
    const probe = new Probe(bus);
    for (let flap = 0; flap < 50; flap++) {
      bus.down();
      bus.up();
    }
    bus.inject(new RemoteFrame(11, 1, 0));
    expect(probe.receive()).to.equal(51);
    expect(probe.receive()).to.equal(-ENETDOWN);
    expect(probe.receive()).to.be.below(0).and.not.equal(-ENETDOWN);
    expect(probe.texts).to.deep.equal(['001#R']);
  });
});
