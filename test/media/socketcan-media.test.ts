import { expect } from 'chai';
import * as api from '../../src';
import { listInterfaces, SocketCANMedia } from '../../src';
import { canResult } from '../support/kernel/can';
import { openDescriptors } from '../support/processes/process';
import { thrown, wrong } from '../support/asserts/thrown';

describe('The public API', () => {
  it('loads with or without CAN, and has all documented names', () => {
    expect(Object.keys(api)).to.include.members([
      'CANSocket',
      'DataFrame',
      'ErrorClass',
      'ErrorFrame',
      'FilterConfiguration',
      'formatLogLine',
      'FrameFormat',
      'listInterfaces',
      'MediaError',
      'optimizeFilterConfigurations',
      'parseFrame',
      'parseLogLine',
      'RemoteFrame',
      'SocketCANError',
      'SocketCANMedia',
    ]);
  });
});

describe('SocketCANMedia', () => {
  it('has the MTUs of pycyphal', () => {
    expect([...SocketCANMedia.VALID_MTU_SET]).to.deep.equal([8, 12, 16, 20, 24, 32, 48, 64]);
  });

  it('lists interface names, those that are up first, and returns an empty list without CAN', () => {
    const names = SocketCANMedia.listAvailableInterfaceNames();
    const up = listInterfaces().filter((each) => each.up);
    expect(names).to.have.members(listInterfaces().map(({ name }) => name));
    expect(names.slice(0, up.length)).to.have.members(up.map(({ name }) => name));
    if (canResult < 0) expect(names).to.deep.equal([]);
  });

  it('reports what is missing when it cannot open, and leaves no descriptor open', () => {
    const descriptors = openDescriptors();
    const error = thrown(() => new SocketCANMedia('nosuchcan0', 64));
    const code = { 0: 'ENODEV', [-97]: 'EAFNOSUPPORT', [-93]: 'EPROTONOSUPPORT' }[canResult];
    expect(error).to.include({ code, interface: 'nosuchcan0' });
    const missing = { 0: 'no interface of that name', [-97]: 'module "can"' }[canResult];
    expect(error.message).to.contain(missing ?? 'module "can-raw"');
    expect(openDescriptors()).to.deep.equal(descriptors);
  });

  it('rejects invalid MTUs before any system call', () => {
    for (const mtu of [0, 9, '64', undefined]) {
      const error = thrown(() => new SocketCANMedia('nosuchcan0', wrong(mtu)));
      expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_MTU');
    }
  });

  it('rejects invalid names and options before any system call', () => {
    const cases: [() => unknown, string][] = [
      [() => new SocketCANMedia(wrong(0), 64), 'ERR_SOCKETCAN_INVALID_NAME'],
      [() => new SocketCANMedia('', 64), 'ERR_SOCKETCAN_INVALID_NAME'],
      [() => new SocketCANMedia('can0', 64, { receiveBufferSize: 0 }), 'ERR_SOCKETCAN_INVALID_OPTION'],
      [() => new SocketCANMedia('can0', 64, { receiveBufferSize: wrong('big') }), 'ERR_SOCKETCAN_INVALID_OPTION'],
    ];
    for (const [make, code] of cases) expect(thrown(make)).to.have.property('code', code);
    const error = thrown(() => new SocketCANMedia('can0', 64, { disableBRS: wrong(1) }));
    expect(error).to.include({ code: 'ERR_SOCKETCAN_INVALID_OPTION', name: 'TypeError' });
    expect(error.message).to.equal('The option disableBRS must be true or false; found 1');
  });
});
