import { expect } from 'chai';
import { RemoteFrame } from '../../src/frame/remote-frame';
import { Base, Extended, expectError } from './support';

const CODE = 'ERR_SOCKETCAN_INVALID_FRAME';

describe('RemoteFrame', () => {
  it('keeps format, identifier and length, and uses the length as data length code', () => {
    const { format, identifier, length, dlc } = new RemoteFrame(Extended, 0x1badc0fe, 8);
    expect({ format, identifier, length, dlc }).to.deep.equal({
      format: 29,
      identifier: 0x1badc0fe,
      length: 8,
      dlc: 8,
    });
  });

  it('requests no bytes by default', () => {
    expect(new RemoteFrame(Base, 1).length).to.equal(0);
  });

  it('converts to the text of candump, with its length unless that is 0', () => {
    expect(new RemoteFrame(Base, 0x123, 4).toString()).to.equal('123#R4');
    expect(new RemoteFrame(Base, 0x123).toString()).to.equal('123#R');
    expect(new RemoteFrame(Extended, 0x123, 8).toString()).to.equal('00000123#R8');
  });

  it('rejects values out of range', () => {
    expectError(() => new RemoteFrame(Base, 0x800), 'RangeError', CODE, '0x800');
    expectError(() => new RemoteFrame(Base, 1, 9), 'RangeError', CODE, 'length', '9', '8');
    expectError(() => new RemoteFrame(Base, 1, -1), 'RangeError', CODE, '-1');
    expectError(() => new RemoteFrame(Base, 1, NaN), 'RangeError', CODE, 'NaN');
    expectError(() => new RemoteFrame(Base, 1, '4' as never), 'TypeError', CODE, '"4"');
    expectError(() => new RemoteFrame(13 as never, 1), 'RangeError', CODE, 'format', '13');
  });
});
