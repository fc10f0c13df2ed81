import { expect } from 'chai';
import fc from 'fast-check';
import { parseInterface, type CANInterface } from '../../src/netlink/can-interface';
import { parseLinkMessage } from '../../src/netlink/link-message';
import { expectHeaders } from '../support/headers/expect-headers';
import { LINK_COUNTERS } from '../support/headers/expressions';
import { MACHINES } from '../support/headers/machines';
import { attribute, cString, ifinfomsg, netlinkMessage, u16, u32 } from '../support/fakes/netlink';
import { BUS_OFF, DUMMY, PASSIVE, VCAN, VXCAN } from './vectors';

const NESTED = 0x8000;
const UP = 0x1_0041;

function parse(bytes: Uint8Array): CANInterface | undefined {
  const message = parseLinkMessage(bytes);
  return message === undefined ? undefined : parseInterface(message);
}

function u64(...values: number[]): Uint8Array {
  return new Uint8Array(new BigUint64Array(values.map(BigInt)).buffer);
}

/** Returns a message with a name, an MTU and these attributes. */
function can(...attributes: Uint8Array[]): Uint8Array {
  const head = [ifinfomsg(4, UP), attribute(3, cString('can0')), attribute(4, u32(72))];
  return netlinkMessage(16, ...head, ...attributes);
}

/** Returns a message about a controller with these IFLA_CAN_* attributes. */
function controller(...data: Uint8Array[]): Uint8Array {
  return can(attribute(18 | NESTED, attribute(1, cString('can')), attribute(2 | NESTED, ...data)));
}

const NO_TRAFFIC = {
  rxFrames: 0,
  txFrames: 0,
  rxBytes: 0,
  txBytes: 0,
  rxErrors: 0,
  txErrors: 0,
  rxDropped: 0,
  txDropped: 0,
};

const QUIET = {
  busErrors: 0,
  errorWarning: 0,
  errorPassive: 0,
  busOff: 0,
  arbitrationLost: 0,
  restarts: 0,
};

describe('parseInterface with messages of Linux 6.1', () => {
  it('returns name, kind and state of a vcan', () => {
    expect(parse(VCAN)).to.deep.equal({
      name: 'vcan0',
      index: 2,
      kind: 'vcan',
      up: true,
      carrier: true,
      mtu: 72,
      fd: true,
      txQueueLength: 1000,
      traffic: NO_TRAFFIC,
    });
  });

  it('reports no carrier for a vxcan whose peer is down', () => {
    expect(parse(VXCAN)).to.deep.equal({
      name: 'vxa',
      index: 6,
      kind: 'vxcan',
      up: true,
      carrier: false,
      mtu: 72,
      fd: true,
      txQueueLength: 1000,
      traffic: NO_TRAFFIC,
    });
  });

  it('returns the error counters of a controller whose bit rate the kernel does not know', () => {
    expect(parse(PASSIVE)).to.deep.equal({
      name: 'can0',
      index: 4,
      kind: 'can',
      up: true,
      carrier: true,
      mtu: 16,
      fd: false,
      txQueueLength: 10,
      state: 'error-passive',
      restartMs: 0,
      modes: [],
      deviceStatistics: { ...QUIET, errorPassive: 1 },
      traffic: { ...NO_TRAFFIC, rxFrames: 1, rxBytes: 2 },
    });
  });

  it('reports no carrier for a controller in bus-off', () => {
    expect(parse(BUS_OFF)).to.deep.include({
      name: 'can0',
      up: true,
      carrier: false,
      state: 'bus-off',
      bitrate: 500_000,
      modes: ['listen-only'],
      deviceStatistics: { ...QUIET, errorPassive: 1, busOff: 1 },
    });
  });

  it('returns undefined for other hardware', () => {
    expect(parseLinkMessage(DUMMY)).to.include({ name: 'dum', hardwareType: 1 });
    expect(parse(DUMMY)).to.equal(undefined);
  });
});

describe('parseInterface with a controller', () => {
  it('returns every value that linux/can/netlink.h defines', () => {
    const bytes = can(
      attribute(13, u32(10)),
      attribute(
        18 | NESTED,
        attribute(1, cString('can')),
        attribute(3, u32(11, 12, 13, 14, 15, 16)),
        attribute(
          2 | NESTED,
          attribute(1, u32(1_000_000, 750, 25, 14, 15, 10, 5, 1)),
          attribute(3, u32(80_000_000)),
          attribute(4, u32(1)),
          attribute(5, u32(0x7ff, 0x30)),
          attribute(6, u32(100)),
          attribute(8, u16(97, 3)),
          attribute(9, u32(5_000_000, 687, 12, 5, 5, 5, 3, 1)),
          attribute(11, u16(120)),
        ),
      ),
      attribute(23, u64(1, 2, 3, 4, 5, 6, 7, 2 ** 40, 99)),
    );
    expect(parse(bytes)).to.deep.equal({
      name: 'can0',
      index: 4,
      kind: 'can',
      up: true,
      carrier: true,
      mtu: 72,
      fd: true,
      txQueueLength: 10,
      state: 'error-warning',
      bitrate: 1_000_000,
      samplePoint: 0.75,
      dataBitrate: 5_000_000,
      dataSamplePoint: 0.687,
      clock: 80_000_000,
      restartMs: 100,
      errorCounters: { tx: 97, rx: 3 },
      modes: ['berr-reporting', 'fd'],
      termination: 120,
      deviceStatistics: {
        busErrors: 11,
        errorWarning: 12,
        errorPassive: 13,
        busOff: 14,
        arbitrationLost: 15,
        restarts: 16,
      },
      traffic: {
        rxFrames: 1,
        txFrames: 2,
        rxBytes: 3,
        txBytes: 4,
        rxErrors: 5,
        txErrors: 6,
        rxDropped: 7,
        txDropped: 2 ** 40,
      },
    });
  });

  it('names the states', () => {
    const states = [0, 1, 2, 3, 4, 5, 6, 0xffff_ffff].map(
      (state) => parse(controller(attribute(4, u32(state))))?.state,
    );
    expect(states).to.deep.equal([
      'error-active',
      'error-warning',
      'error-passive',
      'bus-off',
      'stopped',
      'sleeping',
      undefined,
      undefined,
    ]);
  });

  it('names the modes that are on, and returns the bit of an unknown one', () => {
    const all = parse(controller(attribute(5, u32(0, 0x8000_0fff))))?.modes;
    expect(all).to.deep.equal([
      'loopback',
      'listen-only',
      'triple-sampling',
      'one-shot',
      'berr-reporting',
      'fd',
      'presume-ack',
      'fd-non-iso',
      'cc-len8-dlc',
      'tdc-auto',
      'tdc-manual',
      'unknown-0x800',
      'unknown-0x80000000',
    ]);
    expect(parse(controller(attribute(5, u32(0xff, 0))))?.modes).to.deep.equal([]);
  });

  it('leaves out a bit rate that is not set or that the kernel does not know', () => {
    for (const bitrate of [0, 0xffff_ffff]) {
      const found = parse(controller(attribute(1, u32(bitrate, 0, 0, 0, 0, 0, 0, 0))));
      expect(found).to.include({ kind: 'can' });
      expect(found).to.not.have.any.keys('bitrate', 'samplePoint');
    }
  });

  it('returns a restart delay of 0 and a termination of 0, but no clock of 0 Hz', () => {
    const bytes = controller(attribute(3, u32(0)), attribute(6, u32(0)), attribute(11, u16(0)));
    expect(parse(bytes)).to.include({ restartMs: 0, termination: 0 }).and.not.have.property('clock');
  });

  it('leaves out attributes that are too short', () => {
    const found = parse(
      can(
        attribute(
          18,
          attribute(1, cString('can')),
          attribute(3, u32(1, 2, 3, 4, 5)),
          attribute(2, attribute(1, u16(1)), attribute(5, u32(1)), attribute(8, u16(1))),
        ),
        attribute(23, u64(1, 2, 3, 4, 5, 6, 7)),
      ),
    );
    expect(found).to.have.all.keys('name', 'index', 'kind', 'up', 'carrier', 'mtu', 'fd');
  });

  it('ignores the data of another kind of interface', () => {
    const data = attribute(2, attribute(1, u32(500_000, 875)), attribute(4, u32(0)));
    const bytes = can(attribute(18, attribute(1, cString('vxcan')), data));
    expect(parse(bytes)).to.have.all.keys('name', 'index', 'kind', 'up', 'carrier', 'mtu', 'fd');
  });
});

describe('parseInterface', () => {
  it('reports CAN FD from an MTU of 72 bytes up, CAN XL included', () => {
    const found = [16, 71, 72, 2060].map((mtu) =>
      parse(netlinkMessage(16, ifinfomsg(1, 0), attribute(3, cString('c')), attribute(4, u32(mtu)))),
    );
    expect(found.map((each) => each?.fd)).to.deep.equal([false, false, true, true]);
  });

  it('returns undefined without a name or an MTU', () => {
    expect(parse(netlinkMessage(16, ifinfomsg(1, 0), attribute(4, u32(16))))).to.equal(undefined);
    expect(parse(netlinkMessage(16, ifinfomsg(1, 0), attribute(3, cString('c'))))).to.equal(undefined);
  });

  it('returns only complete attributes of a message that is truncated anywhere', () => {
    for (const bytes of [VCAN, VXCAN, PASSIVE, BUS_OFF]) {
      const whole = parse(bytes) as CANInterface;
      for (let end = 0; end < bytes.byteLength; end++) {
        const found = parse(bytes.subarray(0, end));
        if (found !== undefined) expect(whole, `${end}`).to.deep.include(found);
      }
    }
  });

  it('accepts any bytes as attributes', () => {
    const nested = (depth: number): fc.Arbitrary<Uint8Array> =>
      fc
        .tuple(
          fc.integer({ min: 0, max: 40 }),
          depth === 0 ? fc.uint8Array({ maxLength: 80 }) : fc.oneof(fc.uint8Array(), nested(depth - 1)),
        )
        .map(([type, data]) => attribute(type, data));
    fc.assert(
      fc.property(fc.array(nested(3)), fc.uint8Array(), (parts, rest) => {
        const found = parse(can(...parts, rest));
        // These attributes may have replaced the name and the MTU.
        if (found !== undefined) expect(found).to.include({ index: 4, up: true });
      }),
    );
  });

  it('accepts a message with any changed bytes', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 20 });
    fc.assert(
      fc.property(fc.constantFrom(VCAN, PASSIVE, BUS_OFF), changes, (vector, list) => {
        const bytes = vector.slice();
        for (const [at, value] of list) bytes[at % bytes.byteLength] = value;
        expect(() => parse(bytes)).to.not.throw();
      }),
    );
  });

  it('reads the counters at the offsets of the C headers', () => {
    for (const machine of MACHINES) expectHeaders(machine, LINK_COUNTERS);
  });
});
