import { expect } from 'chai';
import { parseInterfaceName } from '../src/interfaces';
import { thrown } from './support/asserts/thrown';

describe('parseInterfaceName', () => {
  it('accepts any valid name of a network interface', () => {
    for (const name of ['can0', 'vcan0.1', 'CAN_A', 'can-0', 'xa@xb', 'x'.repeat(15), '\u00e4'.repeat(7)]) {
      expect(parseInterfaceName(name)).to.deep.equal({ scheme: 'kernel', name });
    }
  });

  it('refuses names that the kernel refuses, and quotes them', () => {
    const bad = ['', 'x'.repeat(16), '\u00e4'.repeat(8), 'a b', 'can0\n', 'a/b', 'a:b', 'can0\0'];
    for (const name of bad) {
      const error = thrown(() => parseInterfaceName(name));
      expect(error).to.be.instanceOf(RangeError);
      expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_NAME');
      expect(error.message).to.contain(JSON.stringify(name));
    }
  });

  it('refuses values that are not strings', () => {
    for (const name of [0, undefined, null, {}, ['can0']]) {
      const error = thrown(() => parseInterfaceName(name));
      expect(error).to.be.instanceOf(TypeError);
      expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_NAME');
    }
  });

  it('recognizes a virtual bus by its scheme, with any name', () => {
    for (const name of ['bench', 'a b', 'x'.repeat(100), 'a:b']) {
      expect(parseInterfaceName(`virtual:${name}`)).to.deep.equal({ scheme: 'virtual', name });
    }
  });

  it('refuses unknown schemes and empty names, and names the valid scheme', () => {
    const unknown = thrown(() => parseInterfaceName('pcan:0'));
    expect(unknown).to.be.instanceOf(RangeError);
    expect(unknown).to.have.property('code', 'ERR_SOCKETCAN_INVALID_NAME');
    expect(unknown.message).to.match(/Unknown scheme "pcan".*virtual:NAME/);
    expect(thrown(() => parseInterfaceName('virtual:')).message).to.match(/is empty/);
  });
});
