import { expect } from 'chai';
import { BitStream } from '../../../src/frame/timing/bit-stream';

function stream(bits: string): BitStream {
  const result = new BitStream();
  for (const bit of bits) result.put(Number(bit), 1);
  return result;
}

describe('BitStream', () => {
  it('computes the check value of CRC-15/CAN, 0x059E for "123456789"', () => {
    const result = new BitStream();
    for (const byte of Buffer.from('123456789')) result.put(byte, 8);
    expect(result.crc15).to.equal(0x059e);
  });

  it('appends 32 bits at once, highest first', () => {
    const whole = new BitStream();
    whole.put(0x89abcdef, 32);
    expect(whole.crc15).to.equal(stream('10001001101010111100110111101111').crc15);
    expect(whole.length).to.equal(32);
  });

  it('counts a stuff bit as soon as a bit follows five equal ones', () => {
    expect(stream('0000')).to.include({ length: 4, stuffBitPending: false });
    expect(stream('00000')).to.include({ length: 5, stuffBitPending: true });
    expect(stream('000001')).to.include({ length: 7, stuffBitPending: false });
  });

  it('counts a stuff bit as the first bit of the next run', () => {
    expect(stream('000001111')).to.include({ length: 10, stuffBitPending: true });
    expect(stream('0000011110000')).to.include({ length: 15, stuffBitPending: true });
    expect(stream('0000000000')).to.include({ length: 11, stuffBitPending: true });
  });

  it('does not count the idle bus before SOF as part of a run', () => {
    expect(stream('1111')).to.include({ stuffBitPending: false });
    expect(stream('11111')).to.include({ stuffBitPending: true });
  });
});
