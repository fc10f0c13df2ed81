import { expect } from 'chai';
import fc from 'fast-check';
import { NOTIFICATION_HEAD_SIZE, parseLinkMessage } from '../../src/netlink/link-message';
import { attribute, cString, ifinfomsg, netlinkMessage, u32 } from '../support/fakes/netlink';

const NEW = 16;
const REMOVED = 17;

function link(type: number, name: string): Uint8Array {
  return netlinkMessage(
    type,
    ifinfomsg(7, 0x1_0041),
    attribute(3, cString(name)),
    attribute(4, u32(72)),
    attribute(13, u32(1000)),
    new Uint8Array(1000),
  );
}

describe('parseLinkMessage', () => {
  it('returns index, hardware type, flags and name of an interface', () => {
    const message = parseLinkMessage(link(NEW, 'vcan0'));
    expect(message).to.include({
      kind: 'new',
      index: 7,
      hardwareType: 280,
      flags: 0x1_0041,
      name: 'vcan0',
    });
    expect(message?.attributes.byteLength).to.equal(12 + 8 + 8 + 1000);
  });

  it('returns the same for the first NOTIFICATION_HEAD_SIZE bytes, with names of any length', () => {
    for (const name of ['c', 'vcan0', 'vcan0.1', 'x'.repeat(15), '\u00fc'.repeat(7)]) {
      for (const [type, kind] of [
        [NEW, 'new'],
        [REMOVED, 'removed'],
      ] as const) {
        const message = parseLinkMessage(link(type, name).subarray(0, NOTIFICATION_HEAD_SIZE));
        expect(message).to.include({ kind, index: 7, hardwareType: 280, flags: 0x1_0041, name });
      }
    }
  });

  it('returns no name when its attribute is missing, truncated or empty', () => {
    const bytes = link(NEW, 'vcan0');
    for (let end = 32; end < 42; end++) {
      const message = parseLinkMessage(bytes.subarray(0, end));
      expect(message).to.include({ index: 7, name: undefined });
    }
    expect(parseLinkMessage(bytes.subarray(0, 42))?.name).to.equal('vcan0');
    expect(parseLinkMessage(link(NEW, ''))?.name).to.equal(undefined);
  });

  it('accepts a name without NUL', () => {
    const bytes = netlinkMessage(NEW, ifinfomsg(1, 0), attribute(3, Buffer.from('can0')));
    expect(parseLinkMessage(bytes)?.name).to.equal('can0');
  });

  it('does not read past the length in the header', () => {
    const bytes = link(NEW, 'vcan0');
    bytes.set(u32(32));
    expect(parseLinkMessage(bytes)).to.include({ index: 7, name: undefined });
    bytes.set(u32(31));
    expect(parseLinkMessage(bytes)).to.equal(undefined);
  });

  it('returns undefined for messages of other types', () => {
    for (const type of [0, 2, 3, 15, 18, 19, 20, 24, 0xffff]) {
      expect(parseLinkMessage(link(type, 'vcan0')), `${type}`).to.equal(undefined);
    }
  });

  it('returns undefined for fewer than 32 bytes', () => {
    const bytes = link(NEW, 'vcan0');
    for (let end = 0; end < 32; end++) {
      expect(parseLinkMessage(bytes.subarray(0, end)), `${end}`).to.equal(undefined);
    }
  });

  it('accepts any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(0, NEW, REMOVED), (bytes, type) => {
        if (type !== 0 && bytes.byteLength >= 6) bytes.set(link(type, 'x').subarray(0, 6));
        const message = parseLinkMessage(bytes);
        expect(message !== undefined).to.equal(type !== 0 && bytes.byteLength >= 32);
      }),
    );
  });
});
