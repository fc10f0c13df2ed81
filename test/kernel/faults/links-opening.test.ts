import { expect } from 'chai';
import { EAFNOSUPPORT, EPROTONOSUPPORT } from '../../../src/libc/errno';
import { openKernelEndpoint } from '../../../src/raw/kernel/open';
import { ip, removeLink } from '../../support/kernel/guest';
import { FakeKernel, OPTIONS } from '../../support/fakes/kernel-calls';
import { refusals } from '../../support/asserts/refusals';
import { row } from '../../support/rows/row';
import { thrown } from '../../support/asserts/thrown';

describe('An interface that cannot be opened', () => {
  afterEach(() => {
    removeLink('notcan0');
  });

  row('L8', 'throws ENODEV with the name when the interface does not exist', (seen) => {
    for (const error of refusals('vcan99')) {
      expect(error).to.include({ code: 'ENODEV', errno: -19, interface: 'vcan99' });
      expect(error.message).to.include("'vcan99'");
      expect(error['hint']).to.match(/no interface of that name.*"ip link show type can"/);
    }
    seen('ENODEV with the name and a hint');
  });

  row('L8', 'throws ENODEV with a hint when the interface is not a CAN interface', (seen) => {
    ip('link', 'add', 'notcan0', 'type', 'dummy');
    for (const name of ['lo', 'notcan0']) {
      for (const error of refusals(name)) {
        expect(error).to.include({ code: 'ENODEV', syscall: 'bind', interface: name });
        expect(error['hint']).to.equal(`${name} is not a CAN interface`);
      }
    }
    seen("ENODEV of bind, '... is not a CAN interface'");
  });

  row('L8', 'rejects names that no interface can have', (seen) => {
    const names = ['', ' ', 'vcan0 ', 'vcan 0', 'can/0', 'x'.repeat(16), 'ü'.repeat(8), 'vcan0\0'];
    for (const name of [...names, 'socketcan:vcan0', 'virtual:']) {
      for (const error of refusals(name)) {
        expect(error, JSON.stringify(name)).to.be.instanceOf(RangeError);
        expect(error['code']).to.equal('ERR_SOCKETCAN_INVALID_NAME');
      }
    }
    for (const name of [undefined, null, 0, 3, NaN, {}, ['vcan0'], Buffer.from('vcan0')]) {
      for (const error of refusals(name)) {
        expect(error).to.be.instanceOf(TypeError);
        expect(error['code']).to.equal('ERR_SOCKETCAN_INVALID_NAME');
      }
    }
    seen('ERR_SOCKETCAN_INVALID_NAME before any system call');
  });

  row('L15', 'rejects the names any, 0 and vcan* with ENODEV, as no name stands for all interfaces', (seen) => {
    for (const name of ['any', '0', 'vcan*']) {
      for (const error of refusals(name)) expect(error).to.include({ code: 'ENODEV' });
    }
    seen('not offered: ENODEV, like any name that is not there');
  });

  for (const [done, answer, code, module] of [
    ['names the module can when the kernel has no CAN', -EAFNOSUPPORT, 'EAFNOSUPPORT', 'can'],
    ['names the module can-raw when the kernel has no raw CAN sockets', -EPROTONOSUPPORT, 'EPROTONOSUPPORT', 'can-raw'],
  ] as const) {
    row('L9', done, (seen) => {
      const kernel = new FakeKernel({ socket: answer });
      const error = thrown(() => openKernelEndpoint('can0', OPTIONS, kernel.calls));
      expect(error).to.include({ code, syscall: 'socket', interface: 'can0' });
      expect(error['hint']).to.include(`"modprobe ${module}"`);
      seen(`${code} of socket, with the module to load; the answer of socket(2) is given by the test`);
    });
  }
});
