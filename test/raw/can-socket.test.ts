import { expect } from 'chai';
import { CANSocket } from '../../src/raw/can-socket';
import { canResult } from '../support/kernel/can';
import { openDescriptors } from '../support/processes/process';
import { thrown, wrong } from '../support/asserts/thrown';

describe('a CANSocket on an interface that does not exist', () => {
  it('throws an error that names the missing kernel module, or says that there is no such interface', () => {
    const descriptors = openDescriptors();
    const error = thrown(() => new CANSocket('nosuchcan0'));
    expect(error).to.have.property('interface', 'nosuchcan0');
    const expected = {
      0: ['ENODEV', 'if_nametoindex', /^there is no interface of that name/],
      [-97]: ['EAFNOSUPPORT', 'socket', /the module "can" is missing/],
      [-93]: ['EPROTONOSUPPORT', 'socket', /the module "can-raw" is missing/],
    }[canResult] as [string, string, RegExp];
    expect([error['code'], error['syscall']]).to.deep.equal(expected.slice(0, 2));
    expect(error['hint']).to.match(expected[2]);
    expect(error.message)
      .to.contain('nosuchcan0')
      .and.to.match(/\(.*(modprobe|ip link).*\)$/);
    expect(openDescriptors()).to.deep.equal(descriptors);
  });
});

describe('a CANSocket', () => {
  it('refuses wrong arguments before any system call, each with its own code', () => {
    const cases: [() => unknown, typeof TypeError | typeof RangeError, string][] = [
      [() => new CANSocket(wrong(undefined)), TypeError, 'NAME'],
      [() => new CANSocket(wrong(5)), TypeError, 'NAME'],
      [() => new CANSocket(''), RangeError, 'NAME'],
      [() => new CANSocket('a-name-of-16-byte'), RangeError, 'NAME'],
      [() => new CANSocket('can0', wrong(null)), TypeError, 'OPTION'],
      [() => new CANSocket('can0', { fd: wrong('yes') }), TypeError, 'OPTION'],
      [() => new CANSocket('can0', { receiveBufferSize: 0 }), RangeError, 'OPTION'],
      [() => new CANSocket('can0', { filters: wrong('all') }), TypeError, 'FILTER'],
      [() => new CANSocket('can0', { errorMask: -1 }), RangeError, 'OPTION'],
    ];
    for (const [make, type, code] of cases) {
      const error = thrown(make);
      expect(error, error.message).to.be.instanceOf(type);
      expect(error).to.have.property('code', `ERR_SOCKETCAN_INVALID_${code}`);
    }
  });
});
