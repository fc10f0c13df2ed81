import { expect } from 'chai';
import * as fc from 'fast-check';
import { parseFrame } from '../../../src/frame/frame-text';
import { formatLogLine, parseLogLine } from '../../../src/log/formats/candump';
import { DataFrame } from '../../../src/frame/data-frame';
import { ErrorFrame } from '../../../src/frame/error-frame';
import { Base, anyFrame, bytes, expectError } from '../../frame/support';

const CODE = 'ERR_SOCKETCAN_INVALID_FRAME';

const record = {
  systemNs: 1_436_509_052_249_713_999n,
  interfaceName: 'vcan0',
  frame: new DataFrame(Base, 0x123, bytes('DEADBEEF')),
};

describe('formatLogLine', () => {
  it('writes the line of candump -L, with the time cut to microseconds', () => {
    expect(formatLogLine(record)).to.equal('(1436509052.249713) vcan0 123#DEADBEEF');
  });

  it('writes nanoseconds with 9 decimals', () => {
    expect(formatLogLine(record, 9)).to.equal('(1436509052.249713999) vcan0 123#DEADBEEF');
  });

  it('pads early times to ten digits of seconds', () => {
    expect(formatLogLine({ ...record, systemNs: 1_000n })).to.match(/^\(0000000000\.000001\) /);
  });

  it('writes the direction as candump -x does', () => {
    expect(formatLogLine({ ...record, direction: 'rx' })).to.match(/ 123#DEADBEEF R$/);
    expect(formatLogLine({ ...record, direction: 'tx' })).to.match(/ 123#DEADBEEF T$/);
  });

  it('writes error frames as hex', () => {
    const frame = new ErrorFrame(0x204, bytes('00 30 00 00 00 00 80 81'));
    expect(formatLogLine({ ...record, frame })).to.match(/ vcan0 20000204#0030000000008081$/);
  });

  it('rejects times, names and decimals that no reader understands', () => {
    const line = (change: object) => () => formatLogLine({ ...record, ...change });
    expectError(line({ systemNs: -1n }), 'RangeError', CODE, '-1n');
    expectError(line({ systemNs: 5 }), 'TypeError', CODE, 'bigint', '5');
    expectError(line({ interfaceName: '' }), 'RangeError', CODE, 'interface', '""');
    expectError(line({ interfaceName: 'can 0' }), 'RangeError', CODE, '"can 0"');
    expectError(line({ interfaceName: 7 }), 'TypeError', CODE, '7');
    expectError(() => formatLogLine(record, 3 as never), 'RangeError', CODE, '3', '9');
  });
});

describe('parseLogLine', () => {
  it('reads back every line that formatLogLine writes', () => {
    const name = fc.constantFrom('can0', 'vcan-1', 'CAN_A.5', 'virtual:bus');
    const direction = fc.constantFrom('rx' as const, 'tx' as const, undefined);
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n), name, anyFrame, direction, (ns, iface, frame, way) => {
        const given = { systemNs: ns, interfaceName: iface, frame };
        const whole = way === undefined ? given : { ...given, direction: way };
        expect(parseLogLine(formatLogLine(whole, 9))).to.deep.equal(whole);
        expect(parseLogLine(formatLogLine(whole))?.systemNs).to.equal(ns - (ns % 1000n));
      }),
      { numRuns: 500 },
    );
  });

  it('reads the spaces, dots and line ends that can-utils accepts', () => {
    const line = '(1436509052.249713)   vcan0  1BADC0FE##5.AA.BB T\r\n';
    expect(parseLogLine(line)).to.deep.equal({
      systemNs: 1_436_509_052_249_713_000n,
      interfaceName: 'vcan0',
      frame: parseFrame('1BADC0FE##1AABB'),
      direction: 'tx',
    });
  });

  it('pads short error frames with zeros', () => {
    const frame = parseLogLine('(0.000000) can0 20000004#0008')?.frame;
    expect(frame).to.deep.equal(new ErrorFrame(4, bytes('00 08 00 00 00 00 00 00')));
  });

  it('skips lines that canplayer skips', () => {
    for (const line of ['', '\n', '# comment', ' (1.000000) can0 123#', '; (x)']) {
      expect(parseLogLine(line)).to.equal(undefined);
    }
  });

  it('rejects broken lines and quotes their text', () => {
    for (const line of [
      '(',
      '(1.0000001) can0 123#',
      '(1.00000) can0 123#',
      '(1) can0 123#',
      '(-1.000000) can0 123#',
      '(1.000000) can0',
      '(1.000000)can0 123#',
      '(1.000000) can0 123# X',
      '(1.000000) can0 123# R T',
    ]) {
      expectError(() => parseLogLine(line), 'RangeError', CODE, JSON.stringify(line), 'candump log');
    }
    expectError(() => parseLogLine('(1.000000) can0 123#0'), 'RangeError', CODE, '123#0', 'pairs');
    expectError(() => parseLogLine('(1.000000) can0 20000004#R'), 'RangeError', CODE, 'pairs');
    expectError(() => parseLogLine(5 as never), 'TypeError', CODE, '5');
  });
});
