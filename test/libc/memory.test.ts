import { expect } from 'chai';
import * as fc from 'fast-check';
import { address, view } from 'koffi';
import { LITTLE_ENDIAN } from '../../src/libc/memory';
import { Memory } from '../../src/libc/memory';
import { hostABI } from '../../src/libc/ref';

const { pointer } = hostABI();

describe('Memory', () => {
  it('shows the same bytes as bytes, as words and at its address', () => {
    for (const from of [64, new SharedArrayBuffer(64)]) {
      const memory = new Memory(from);
      memory.words[3] = 0x0102_0304;
      const there = new Uint8Array(view(memory.address, 64));
      expect([...memory.bytes.subarray(12, 16)]).to.deep.equal(LITTLE_ENDIAN ? [4, 3, 2, 1] : [1, 2, 3, 4]);
      expect([...there]).to.deep.equal([...memory.bytes]);
    }
  });

  it('is zeroed, aligned at 8, and a whole number of 64-bit words', () => {
    for (const size of [1, 7, 8, 9, 104]) {
      const memory = new Memory(size);
      expect(memory.bytes.byteLength).to.equal(Math.ceil(size / 8) * 8);
      expect([...memory.bytes].every((byte) => byte === 0)).to.equal(true);
      expect(memory.address % 8n).to.equal(0n);
    }
  });

  it('keeps its address when garbage is collected', () => {
    const memories = Array.from({ length: 100 }, (_, index) => new Memory(8 << (index % 14)));
    const before = memories.map((memory) => memory.address);
    let garbage: Uint8Array[] = [];
    for (let i = 0; i < 200; i++) garbage = [...garbage.slice(-10), new Uint8Array(1_000_000)];
    expect(memories.map((memory) => address(memory.bytes))).to.deep.equal(before);
  });

  it('writes a word as wide as a pointer in host order, and not the next byte', () => {
    const most = (1n << BigInt(pointer * 8)) - 1n;
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: most }), (value) => {
        const memory = new Memory(24);
        memory.bytes.fill(0xa5);
        memory.setWord(8, value);
        const words = pointer === 8 ? new BigUint64Array(memory.words.buffer as ArrayBuffer) : memory.words;
        expect(BigInt(words[8 / pointer] as bigint | number)).to.equal(value);
        expect(memory.bytes[7]).to.equal(0xa5);
        expect(memory.bytes[8 + pointer]).to.equal(0xa5);
      }),
    );
  });

  it('reads back a size_t, and overwrites all of it', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffff_ffff }), (value) => {
        const memory = new Memory(24);
        memory.bytes.fill(0xa5);
        memory.setSize(8, value);
        expect(memory.getSize(8)).to.equal(value);
        const whole = new Memory(24);
        whole.bytes.fill(0xa5);
        whole.setWord(8, BigInt(value));
        expect([...memory.bytes]).to.deep.equal([...whole.bytes]);
      }),
    );
  });

  it('reads 0 beyond its end', () => {
    expect(new Memory(8).getSize(8)).to.equal(0);
  });
});
