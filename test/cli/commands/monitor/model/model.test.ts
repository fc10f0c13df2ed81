import { expect } from 'chai';
import { Bus } from '../../../../../src/cli/commands/monitor/model/bus';
import { Model } from '../../../../../src/cli/commands/monitor/model/model';
import { RowFilter } from '../../../../../src/cli/commands/monitor/model/row-filter';
import { sorted, type Sort } from '../../../../../src/cli/commands/monitor/model/sort';
import { ErrorFrame, frameBits, parseFrame } from '../../../../../src';
import { feed, MS, SECOND } from '../support';

function model(limit = 100, ...names: string[]): Model {
  const buses = (names.length === 0 ? ['can0'] : names).map((name) => new Bus(name));
  return new Model(buses, limit);
}

function texts(subject: Model): string[] {
  return subject.identifiers.map(({ frame, count }) => `${String(frame)} ${count}`);
}

describe('Model', () => {
  it('keeps the last frame and the number of each identifier', () => {
    const subject = model();
    feed(subject, '123#01', '124#AA', '123#02', '123#03');
    expect(texts(subject)).to.deep.equal(['123#03 3', '124#AA 1']);
    expect(subject.buses[0]?.frames).to.equal(4);
  });

  it('separates formats, remote frames and interfaces, but not CAN FD from classic frames', () => {
    const subject = model(100, 'can0', 'can1');
    feed(subject, '123#01', '00000123#01', '123#R1', '123##101');
    feed(subject, { index: 1 }, '123#01');
    expect(texts(subject)).to.deep.equal(['123##101 2', '00000123#01 1', '123#R1 1', '123#01 1']);
    expect(subject.identifiers.map(({ interfaceName }) => interfaceName)).to.deep.equal([
      'can0',
      'can0',
      'can0',
      'can1',
    ]);
  });

  it('separates the highest identifiers of both formats', () => {
    const subject = model(100, 'can0', 'can1', 'can2');
    for (const index of [0, 1, 2]) feed(subject, { index }, '7FF#', '1FFFFFFF#', '1FFFFFFF#R');
    expect(subject.size).to.equal(9);
  });

  it('marks the time at which each byte changed, and no byte of the first frame', () => {
    const subject = model();
    feed(subject, { atNs: SECOND }, '123#0102030405');
    feed(subject, { atNs: 2 * SECOND }, '123#0102FF0405');
    feed(subject, { atNs: 3 * SECOND }, '123#0102FF0406');
    const [row] = subject.identifiers;
    expect([0, 1, 2, 3, 4].map((index) => row?.byteChangedNs(index))).to.deep.equal([
      -Infinity,
      -Infinity,
      2 * SECOND,
      -Infinity,
      3 * SECOND,
    ]);
    expect(row?.changedNs).to.equal(3 * SECOND);
  });

  it('marks bytes that a longer frame adds, up to the 64th', () => {
    const subject = model();
    feed(subject, { atNs: SECOND }, '123##0' + '00'.repeat(8));
    feed(subject, { atNs: 2 * SECOND }, '123##0' + '00'.repeat(64));
    const [row] = subject.identifiers;
    expect(row?.byteChangedNs(7)).to.equal(-Infinity);
    expect(row?.byteChangedNs(8)).to.equal(2 * SECOND);
    expect(row?.byteChangedNs(63)).to.equal(2 * SECOND);
  });

  it('keeps identifiers up to the limit, and counts the frames of the others', () => {
    const subject = model(2);
    feed(subject, '001#', '002#', '003#', '001#', '004#', '003#');
    expect(texts(subject)).to.deep.equal(['001# 2', '002# 1']);
    expect(subject.others).to.equal(3);
    expect(subject.buses[0]?.frames).to.equal(6);
  });

  it('adds up the bits of every frame, also above the limit of identifiers', () => {
    const all = ['000#', '555#55', '555#FF', '000#00', '555#FF', '7FF##1AABB', '7FF##1AABB', '001#'];
    const subject = model(2);
    feed(subject, { atNs: SECOND }, ...all);
    let [nominalBits, dataBits] = [0, 0];
    for (const text of all) {
      const bits = frameBits(parseFrame(text));
      nominalBits += bits.nominal;
      dataBits += bits.data;
    }
    const through = subject.buses[0]?.throughput(2 * SECOND);
    expect(through).to.deep.equal({ frames: all.length, nominalBits, dataBits });
  });

  it('has a load when it knows the bit rate, and prefers that of the interface', () => {
    const bus = new Bus('can0', { bitrate: 100_000 });
    const subject = new Model([bus], 10);
    feed(subject, { atNs: SECOND }, '555#5555555555555509'); // 111 bits
    expect(new Bus('can1').loadAt(2 * SECOND)).to.equal(undefined);
    expect(bus.loadAt(2 * SECOND)).to.equal(111 / 100_000);
    const listed = { name: 'can0', index: 1, up: true, carrier: true, mtu: 16, fd: false };
    bus.update({ ...listed, bitrate: 50_000 });
    expect(bus.loadAt(2 * SECOND)).to.equal(111 / 50_000);
    expect(bus.history(2 * SECOND, 3)).to.deep.equal([0, 0, 111 / 50_000]);
  });

  it('takes the state of the controller from error frames, and counts them', () => {
    const subject = model();
    const [bus] = subject.buses;
    const error = (classes: number, controller = 0, tx = 0): string | undefined => {
      feed(subject, new ErrorFrame(classes, Uint8Array.of(0, controller, 0, 0, 0, 0, tx, 0)));
      return bus?.state;
    };
    expect(error(0x80)).to.equal(undefined);
    expect(error(0x204, 0x08, 97)).to.equal('error-warning');
    expect(error(0x204, 0x20, 128)).to.equal('error-passive');
    expect(bus?.errorCounters).to.deep.equal({ tx: 128, rx: 0 });
    expect(error(0x40)).to.equal('bus-off');
    expect(error(0x80)).to.equal('bus-off');
    expect(error(0x100)).to.equal('error-active');
    expect(bus?.errorFrames).to.equal(6);
    expect(subject.size).to.equal(0);
  });

  it('does not change in a clone', () => {
    const subject = model();
    feed(subject, { atNs: SECOND }, '123#01', new ErrorFrame(0x40, new Uint8Array(8)));
    const copy = subject.clone();
    feed(subject, { atNs: 1.5 * SECOND }, '123#02', '124#', new ErrorFrame(0x100, new Uint8Array(8)));
    expect(texts(copy)).to.deep.equal(['123#01 1']);
    expect(copy.identifiers[0]?.byteChangedNs(0)).to.equal(-Infinity);
    expect(copy.buses[0]?.state).to.equal('bus-off');
    expect(copy.buses[0]?.throughput(3 * SECOND).frames).to.equal(0);
    expect(copy.buses[0]?.throughput(2 * SECOND).frames).to.equal(1);
    expect(texts(subject)).to.deep.equal(['123#02 2', '124# 1']);
  });

  it('clears identifiers and counts on reset, and keeps the state of the controller', () => {
    const subject = model();
    feed(subject, '123#01', new ErrorFrame(0x40, new Uint8Array(8)));
    const { version } = subject;
    subject.reset();
    expect(subject.version).to.be.above(version);
    expect(subject.size).to.equal(0);
    expect(subject.buses[0]).to.include({ frames: 0, errorFrames: 0, state: 'bus-off' });
  });
});

describe('sorted', () => {
  function order(sort: Sort, reverse = false): string[] {
    const subject = model(100, 'can0', 'can1');
    feed(subject, { index: 1, atNs: 0 }, '001#');
    for (let at = 0; at < 1000; at += 10) feed(subject, { atNs: at * MS }, '300#01');
    for (let at = 0; at < 1000; at += 100) feed(subject, { atNs: at * MS }, `200#0${at / 100}`);
    feed(subject, { atNs: 0 }, '00000200#', '200#R');
    const rows = sorted(subject.identifiers, sort, reverse, SECOND);
    return rows.map(({ frame, interfaceIndex }) => {
      return `${interfaceIndex}:${String(frame).replace(/#[0-9]*/, '#')}`;
    });
  }

  it('sorts by interface, identifier, base before extended, data before remote', () => {
    const all = ['0:200#', '0:200#R', '0:00000200#', '0:300#', '1:001#'];
    expect(order('id')).to.deep.equal(all);
    expect(order('id', true)).to.deep.equal(all.reverse());
  });

  it('sorts by rate and by count, the highest first', () => {
    const all = ['0:300#', '0:200#', '0:200#R', '0:00000200#', '1:001#'];
    expect(order('rate')).to.deep.equal(all);
    expect(order('count')).to.deep.equal(all);
  });

  it('sorts by last change, the latest first', () => {
    expect(order('change')[0]).to.equal('0:200#');
  });

  it('sorts by period, the shortest first, frames without a period last', () => {
    expect(order('period').slice(0, 2)).to.deep.equal(['0:300#', '0:200#']);
  });
});

describe('RowFilter', () => {
  function shown(text: string): string[] {
    const subject = model();
    feed(subject, '123#DEADBEEF', '18FEF100#00', '7DF#R3', '100#12');
    const filter = new RowFilter(text);
    return subject.identifiers.filter((row) => filter.accepts(row)).map(({ frame }) => String(frame));
  }

  for (const [text, expected] of [
    ['', ['123#DEADBEEF', '18FEF100#00', '7DF#R3', '100#12']],
    ['12', ['123#DEADBEEF', '100#12']],
    ['fef', ['18FEF100#00']],
    ['adbe', ['123#DEADBEEF']],
    ['#12', ['100#12']],
    ['100:7FF', ['100#12', '18FEF100#00']],
    ['100:700', ['123#DEADBEEF', '18FEF100#00', '100#12']],
    ['7df 100:1fffffff', ['7DF#R3', '100#12']],
    ['7df,#dead', ['123#DEADBEEF', '7DF#R3']],
    ['xyz', []],
  ] as const) {
    it(`${JSON.stringify(text)} shows ${expected.length} of 4`, () => {
      expect(shown(text)).to.have.members(expected);
    });
  }
});
