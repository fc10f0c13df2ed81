import { expect } from 'chai';
import * as fc from 'fast-check';
import { ErrorFrame, errorClassMask } from '../../src/frame/error-frame';
import { ErrorClass } from '../../src/frame/error-names';
import { INVALID_OPTION } from '../../src/options/invalid';
import { thrown } from '../support/asserts/thrown';
import { bytes, errorFrame, expectError } from './support';

const CODE = 'ERR_SOCKETCAN_INVALID_FRAME';

/** An error frame from its class bits and its data in hex, data[0] first. */
const error = (classMask: number, hex: string): ErrorFrame => new ErrorFrame(classMask, bytes(hex));

describe('ErrorFrame', () => {
  it('names every class of linux/can/error.h', () => {
    const names = Array.from({ length: 10 }, (_, bit) => error(1 << bit, '00'.repeat(8)).classes);
    expect(names).to.deep.equal([
      ['tx-timeout'],
      ['lost-arbitration'],
      ['controller'],
      ['protocol'],
      ['transceiver'],
      ['no-ack'],
      ['bus-off'],
      ['bus-error'],
      ['restarted'],
      ['counters'],
    ]);
    expect(names.flat().map((name) => ErrorClass[name])).to.deep.equal([
      1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x100, 0x200,
    ]);
  });

  // What the slcan driver sends for the lines sw096010, sp128128, sa010020, sb256000, e1a (measured).
  //                                                  0  1  2  3  4  5  6  7
  const SLCAN_WARNING = error(0x204, /*            */ '00 04 00 00 00 00 0a 60');
  const SLCAN_PASSIVE = error(0x204, /*            */ '00 30 00 00 00 00 80 80');
  const SLCAN_ACTIVE = error(0x204, /*             */ '00 40 00 00 00 00 14 0a');
  const SLCAN_BUS_OFF = error(0x040, /*            */ '00 00 00 00 00 00 00 00');
  const SLCAN_NO_ACK = error(0x0a8, /*             */ '00 00 00 19 00 00 00 00');

  it('contains the states of the controller', () => {
    expect(SLCAN_WARNING.controller).to.deep.equal(['rx-warning']);
    expect(SLCAN_PASSIVE.controller).to.deep.equal(['rx-passive', 'tx-passive']);
    expect(SLCAN_ACTIVE.controller).to.deep.equal(['active']);
    expect(error(4, '00 0b 00 00 00 00 00 00').controller).to.deep.equal(['rx-overflow', 'tx-overflow', 'tx-warning']);
  });

  it('contains the error counters if its class says so', () => {
    expect([SLCAN_PASSIVE.txErrors, SLCAN_PASSIVE.rxErrors]).to.deep.equal([128, 128]);
    expect([SLCAN_ACTIVE.txErrors, SLCAN_ACTIVE.rxErrors]).to.deep.equal([20, 10]);
    const without = error(4, '00 10 00 00 00 00 80 81');
    expect([without.txErrors, without.rxErrors]).to.deep.equal([undefined, undefined]);
  });

  it('contains the kinds of protocol violation and their location', () => {
    expect(SLCAN_NO_ACK.classes).to.deep.equal(['protocol', 'no-ack', 'bus-error']);
    expect(SLCAN_NO_ACK.protocol).to.deep.equal([]);
    expect(SLCAN_NO_ACK.location).to.equal('ack');
    expect(String(error(8, '00 00 80 19 00 00 00 00'))).to.equal('error: protocol (tx, at ack)');
    expect(error(8, '00 00 7f 03 00 00 00 00').protocol).to.deep.equal([
      'bit',
      'form',
      'stuff',
      'bit-0',
      'bit-1',
      'overload',
      'active',
    ]);
  });

  it('names every location of linux/can/error.h', () => {
    const places = [...bytes('02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 12 18 19 1A 1B')];
    const names = places.map((place) => new ErrorFrame(8, Uint8Array.of(0, 0, 0, place, 0, 0, 0, 0)));
    expect(names.map(({ location }) => location).join(' ')).to.equal(
      'id-28-21 sof srtr ide id-20-18 id-17-13 crc-sequence reserved-0 data dlc rtr reserved-1 ' +
        'id-04-00 id-12-05 intermission crc-delimiter ack eof ack-delimiter',
    );
  });

  it('contains the state of both wires of the transceiver', () => {
    const wires = (hex: string): string | undefined => error(0x10, `00000000${hex}000000`).transceiver;
    expect(['04', '05', '06', '07'].map(wires)).to.deep.equal([
      'canh-no-wire',
      'canh-short-to-battery',
      'canh-short-to-vcc',
      'canh-short-to-ground',
    ]);
    expect(['40', '50', '60', '70', '80'].map(wires)).to.deep.equal([
      'canl-no-wire',
      'canl-short-to-battery',
      'canl-short-to-vcc',
      'canl-short-to-ground',
      'canl-short-to-canh',
    ]);
    expect(wires('74')).to.equal('canh-no-wire,canl-short-to-ground');
    expect(wires('00')).to.equal(undefined);
  });

  it('contains the bit where arbitration was lost, if the driver reports it', () => {
    expect(error(2, '1f 00 00 00 00 00 00 00').lostArbitrationBit).to.equal(31);
    expect(error(2, '00 00 00 00 00 00 00 00').lostArbitrationBit).to.equal(undefined);
    expect(error(4, '1f 00 00 00 00 00 00 00').lostArbitrationBit).to.equal(undefined);
  });

  it('contains no details of classes that are not set', () => {
    const frame = error(0x40, '01 ff ff 19 44 00 60 61');
    const { classes, controller, protocol, location, transceiver } = frame;
    expect({ classes, controller, protocol, location, transceiver }).to.deep.equal({
      classes: ['bus-off'],
      controller: [],
      protocol: [],
      location: undefined,
      transceiver: undefined,
    });
  });

  it('names values that linux/can/error.h lacks by their number', () => {
    expect(error(4, '00 80 00 00 00 00 00 00').controller).to.deep.equal(['unknown-0x80']);
    expect(error(8, '00 00 00 ff 00 00 00 00').location).to.equal('unknown-0xff');
    expect(error(0x10, '00 00 00 00 9f 00 00 00').transceiver).to.equal('unknown-0x0f,unknown-0x90');
    expect(error(0x1fffff40, '00'.repeat(8)).classes).to.include('bus-off');
    expect(error(0x400, '00'.repeat(8)).toString()).to.equal('error: unknown-0x400');
  });

  it('keeps a copy of the raw bits and bytes', () => {
    const data = bytes('01 02 03 04 05 06 07 08');
    const frame = new ErrorFrame(0x1fffffff, data);
    data.fill(0);
    expect(frame.raw.classMask).to.equal(0x1fffffff);
    expect([...frame.raw.data]).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('accepts any class bits and any eight bytes, and converts to text', () => {
    fc.assert(
      fc.property(errorFrame, (frame) => {
        expect(frame.toString()).to.match(/^error: [\x20-\x7e]+$/);
        for (const name of frame.classes) expect(frame.toString()).to.include(name);
      }),
    );
  });

  it('converts to one line of text', () => {
    expect(SLCAN_BUS_OFF.toString()).to.equal('error: bus-off');
    expect(SLCAN_PASSIVE.toString()).to.equal('error: controller (rx-passive, tx-passive), counters (tx 128, rx 128)');
    expect(SLCAN_NO_ACK.toString()).to.equal('error: protocol (at ack), no-ack, bus-error');
    expect(error(0x12, '05 00 00 00 44 00 00 00').toString()).to.equal(
      'error: lost-arbitration (bit 5), transceiver (canh-no-wire,canl-no-wire)',
    );
    expect(error(0, '00'.repeat(8)).toString()).to.equal('error: unspecified');
  });

  it('rejects flag bits, other lengths and wrong types', () => {
    expectError(() => error(0x20000000, '00'.repeat(8)), 'RangeError', CODE, '0x20000000');
    expectError(() => error(-1, '00'.repeat(8)), 'RangeError', CODE, '-1');
    expectError(() => error(1, '00'.repeat(7)), 'RangeError', CODE, '8 bytes', '7');
    expectError(() => new ErrorFrame(1, [0] as never), 'TypeError', CODE, 'Uint8Array');
    expectError(() => new ErrorFrame('1' as never, new Uint8Array(8)), 'TypeError', CODE, '"1"');
  });
});

describe('errorClassMask', () => {
  const mask = (...names: unknown[]): number => errorClassMask(names as ErrorClass[], INVALID_OPTION);

  it('combines the bits of the classes', () => {
    expect(mask('tx-timeout', 'controller', 'bus-off')).to.equal(0x45);
    expect(mask()).to.equal(0);
    expect(mask(...Object.keys(ErrorClass))).to.equal(0x3ff);
  });

  it('rejects unknown names with the given code', () => {
    for (const name of ['', 'x', 'toString', 4, null]) {
      expectError(() => mask(name), 'RangeError', 'ERR_SOCKETCAN_INVALID_OPTION', 'one of tx-timeout, ', 'bus-off');
    }
  });

  it('suggests the class with a similar name', () => {
    for (const [name, similar] of [
      ['busoff', 'bus-off'],
      ['BUS_OFF', 'bus-off'],
      ['ack', 'no-ack'],
      ['CAN_ERR_RESTARTED', 'restarted'],
    ] as const) {
      expectError(() => mask(name), 'RangeError', 'ERR_SOCKETCAN_INVALID_OPTION', `Did you mean '${similar}'?`);
    }
    for (const name of ['', 'er', 'wires', 7]) expect(thrown(() => mask(name)).message).not.to.include('Did you mean');
  });
});
