import { expect } from 'chai';
import { runInNewContext } from 'node:vm';
import { DataFrame } from '../../src/frame/data-frame';
import { FrameFormat } from '../../src/frame/format';
import { Base, Extended, LENGTHS, bytes, expectError } from './support';

const CODE = 'ERR_SOCKETCAN_INVALID_FRAME';
const NO_DATA = new Uint8Array(0);

describe('DataFrame', () => {
  it('uses the number of identifier bits as the value of a format', () => {
    expect(FrameFormat).to.deep.equal({ Base: 11, Extended: 29 });
  });

  it('keeps format, identifier and data', () => {
    const frame = new DataFrame(Extended, 0x1badc0fe, bytes('01 02 03'));
    expect(frame.format).to.equal(29);
    expect(frame.identifier).to.equal(0x1badc0fe);
    expect([...frame.data]).to.deep.equal([1, 2, 3]);
  });

  it('computes the data length code of every length', () => {
    const codes = LENGTHS.map((n) => new DataFrame(Base, 1, new Uint8Array(n)).dlc);
    expect(codes).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  });

  it('copies its data, so that later changes of the buffer have no effect', () => {
    const buffer = Buffer.from([1, 2, 3]);
    const frame = new DataFrame(Base, 1, buffer);
    buffer.fill(0xff);
    expect([...frame.data]).to.deep.equal([1, 2, 3]);
    expect(Object.getPrototypeOf(frame.data)).to.equal(Uint8Array.prototype);
    expect(frame.data.buffer.byteLength).to.equal(3);
  });

  it('copies data of shared memory to an ArrayBuffer', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(2));
    expect(new DataFrame(Base, 1, shared).data.buffer).to.be.instanceOf(ArrayBuffer);
  });

  it('accepts a Uint8Array of another realm', () => {
    const foreign = runInNewContext('new Uint8Array([1, 2])') as Uint8Array;
    expect(foreign).not.to.be.instanceOf(Uint8Array);
    expect(new DataFrame(Base, 1, foreign).toString()).to.equal('001#0102');
  });

  describe('flags', () => {
    const kind = (length: number, flags?: object): object => {
      const { fd, brs, esi } = new DataFrame(Base, 1, new Uint8Array(length), flags);
      return { fd, brs, esi };
    };

    it('sets no flag for up to 8 bytes', () => {
      expect(kind(0)).to.deep.equal({ fd: false, brs: false, esi: false });
      expect(kind(8, {})).to.deep.equal({ fd: false, brs: false, esi: false });
      expect(kind(8, { fd: undefined })).to.deep.equal({ fd: false, brs: false, esi: false });
    });

    it('sets fd for more than 8 bytes, BRS or ESI', () => {
      expect(kind(12)).to.deep.equal({ fd: true, brs: false, esi: false });
      expect(kind(2, { brs: true })).to.deep.equal({ fd: true, brs: true, esi: false });
      expect(kind(2, { esi: true })).to.deep.equal({ fd: true, brs: false, esi: true });
      expect(kind(2, { fd: true })).to.deep.equal({ fd: true, brs: false, esi: false });
      expect(kind(64, { fd: true, brs: true, esi: true })).to.deep.equal({
        fd: true,
        brs: true,
        esi: true,
      });
    });

    it('rejects a classic frame with more than 8 bytes, BRS or ESI', () => {
      expectError(() => kind(12, { fd: false }), 'RangeError', CODE, 'classic', '12 bytes');
      expectError(() => kind(8, { fd: false, brs: true }), 'RangeError', CODE, 'classic', 'BRS');
      expectError(() => kind(8, { fd: false, esi: true }), 'RangeError', CODE, 'classic', 'ESI');
    });

    it('rejects flags that are not booleans in an object', () => {
      expectError(() => kind(8, { brs: 1 }), 'TypeError', CODE, 'brs', '1');
      expectError(() => kind(8, { esi: 'no' }), 'TypeError', CODE, 'esi', '"no"');
      expectError(() => kind(8, { fd: null }), 'TypeError', CODE, 'fd', 'null');
      expectError(() => kind(8, true as never), 'TypeError', CODE, 'true');
      expectError(() => kind(8, null as never), 'TypeError', CODE, 'null');
    });

    it('checks the arguments also when the flags come from another frame', () => {
      const frame = new DataFrame(Base, 1, new Uint8Array(2), { fd: true, brs: true });
      expectError(() => new DataFrame(Base, 0x800, NO_DATA, frame), 'RangeError', CODE, '0x800');
    });
  });

  describe('argument checks', () => {
    it('rejects identifiers beyond the format', () => {
      expect(new DataFrame(Base, 0x7ff, NO_DATA).identifier).to.equal(0x7ff);
      expect(new DataFrame(Extended, 0x1fffffff, NO_DATA).identifier).to.equal(0x1fffffff);
      expectError(() => new DataFrame(Base, 0x800, NO_DATA), 'RangeError', CODE, '0x800', '0x7FF');
      expectError(() => new DataFrame(Extended, 0x20000000, NO_DATA), 'RangeError', CODE, '0x20000000', '0x1FFFFFFF');
    });

    it('rejects identifiers that are not natural numbers', () => {
      for (const identifier of [-1, 0.5, NaN, Infinity, -Infinity, 2 ** 53]) {
        expectError(
          () => new DataFrame(Extended, identifier, NO_DATA),
          'RangeError',
          CODE,
          'identifier',
          String(identifier),
        );
      }
      for (const identifier of ['123', 123n, null, undefined, {}, [5]]) {
        expectError(() => new DataFrame(Extended, identifier as never, NO_DATA), 'TypeError', CODE, 'identifier');
      }
    });

    it('rejects formats other than 11 and 29', () => {
      for (const format of [0, 12, 30, NaN]) {
        expectError(() => new DataFrame(format as never, 1, NO_DATA), 'RangeError', CODE, 'format');
      }
      for (const format of ['11', 'Base', undefined, null]) {
        expectError(() => new DataFrame(format as never, 1, NO_DATA), 'TypeError', CODE, 'format');
      }
    });

    it('rejects lengths that CAN FD lacks, and explains how to pad', () => {
      for (let length = 0; length <= 80; length++) {
        const make = () => new DataFrame(Base, 1, new Uint8Array(length));
        if (LENGTHS.includes(length)) expect(make().data).to.have.length(length);
        else expectError(make, 'RangeError', CODE, `found ${length}`);
      }
      expectError(() => new DataFrame(Base, 1, new Uint8Array(61)), 'RangeError', CODE, 'pad it by 3 to 64');
    });

    it('rejects data that is not a Uint8Array', () => {
      for (const data of [[1, 2], 'abc', new Uint16Array(2), new ArrayBuffer(2), null, undefined]) {
        expectError(() => new DataFrame(Base, 1, data as never), 'TypeError', CODE, 'Uint8Array');
      }
    });

    it('throws errors whose stack omits the function that creates them', () => {
      try {
        new DataFrame(Base, 1, [] as never);
        expect.fail('did not throw');
      } catch (error) {
        expect((error as Error).stack).to.match(/^TypeError: The data must be a Uint8Array/);
        expect((error as Error).stack).not.to.match(/invalid\.[jt]s/);
      }
    });
  });

  it('converts to the text of candump', () => {
    const text = (...args: ConstructorParameters<typeof DataFrame>) => new DataFrame(...args).toString();
    expect(text(Base, 0x123, bytes('DEADBEEF'))).to.equal('123#DEADBEEF');
    expect(text(Base, 0x1, NO_DATA)).to.equal('001#');
    expect(text(Extended, 0x123, bytes('0a'))).to.equal('00000123#0A');
    expect(text(Extended, 0x1badc0fe, bytes('AABB'), { brs: true })).to.equal('1BADC0FE##1AABB');
    expect(text(Base, 0x7ff, NO_DATA, { fd: true })).to.equal('7FF##0');
    expect(text(Base, 0x7ff, bytes('00'), { brs: true, esi: true })).to.equal('7FF##300');
    expect(text(Base, 0x7ff, bytes('00'), { esi: true })).to.equal('7FF##200');
  });
});
