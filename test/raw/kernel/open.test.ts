import { expect } from 'chai';
import {
  SOL_CAN_RAW,
  SOL_SOCKET,
  SO_ERROR,
  SO_TIMESTAMPNS_NEW,
  SO_RXQ_OVFL,
  SO_RCVBUFFORCE,
  CAN_RAW_FD_FRAMES,
  CAN_RAW_LOOPBACK,
  CAN_RAW_JOIN_FILTERS,
  CAN_RAW_RECV_OWN_MSGS,
  CAN_RAW_ERR_FILTER,
  CAN_RAW_FILTER,
  SO_TIMESTAMPNS_OLD,
  SO_RCVBUF,
} from '../../../src/libc/constants';
import { EPERM, ENETDOWN, EAFNOSUPPORT, EPROTONOSUPPORT, ENODEV, ENOMEM, EBADF, EINVAL } from '../../../src/libc/errno';
import { host } from '../../../src/libc/layouts';
import { openKernelEndpoint } from '../../../src/raw/kernel/open';
import { FakeKernel, option, OPTIONS } from '../../support/fakes/kernel-calls';
import { thrown } from '../../support/asserts/thrown';
import { ENOPROTOOPT } from '../../support/headers/constants';

/** Opens can7 of this kernel. */
function open(kernel: FakeKernel, options = {}) {
  return openKernelEndpoint('can7', { ...OPTIONS, ...options }, kernel.calls);
}

function failure(answers: Readonly<Record<string, number>>, options = {}) {
  const kernel = new FakeKernel(answers);
  const error = thrown(() => open(kernel, options));
  return { error, kernel };
}

describe('openKernelEndpoint', () => {
  it('creates a raw, non-blocking socket that child processes do not inherit', () => {
    const kernel = new FakeKernel();
    open(kernel);
    expect(kernel.log[0]).to.equal(`socket 29 ${3 | 0x800 | 0x80000} 1`);
  });

  it('sets all options before it binds, and reads the pending error afterwards', () => {
    const kernel = new FakeKernel();
    const endpoint = open(kernel);
    const bind = kernel.log.indexOf(`bind ${FakeKernel.fd}`);
    const sets = kernel.log.flatMap((line, index) => (line.startsWith('set ') ? [index] : []));
    expect(Math.max(...sets)).to.be.lessThan(bind);
    expect(kernel.log.slice(bind + 1)).to.deep.equal([`get ${option(SOL_SOCKET, SO_ERROR)}`]);
    expect(endpoint).to.include({
      fd: FakeKernel.fd,
      interfaceName: 'can7',
      up: true,
      receiveBufferSize: 4_000_000,
    });
    expect(kernel.closes).to.equal(0);
  });

  it('binds to the index of the interface', () => {
    const kernel = new FakeKernel({ if_nametoindex: 5 });
    open(kernel);
    const expected = host.sockaddr_can.make({ can_family: 29, can_ifindex: 5 });
    expect([...(kernel.address ?? [])]).to.deep.equal([...expected]);
  });

  it('sets timestamps in ns, drop counts, the receive buffer and CAN FD, and no option to its default', () => {
    const kernel = new FakeKernel();
    open(kernel);
    expect(Object.fromEntries(kernel.values)).to.deep.equal({
      [option(SOL_SOCKET, SO_TIMESTAMPNS_NEW)]: 1,
      [option(SOL_SOCKET, SO_RXQ_OVFL)]: 1,
      [option(SOL_SOCKET, SO_RCVBUFFORCE)]: 2_000_000,
      [option(SOL_CAN_RAW, CAN_RAW_FD_FRAMES)]: 1,
    });
  });

  it('sets every given option', () => {
    const kernel = new FakeKernel();
    const filters = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
    open(kernel, {
      fd: false,
      loopback: false,
      joinFilters: true,
      receiveOwn: true,
      errorMask: 0x1ff,
      filters,
    });
    const can = [...kernel.values].filter(([name]) => name.startsWith(`${SOL_CAN_RAW}:`));
    expect(Object.fromEntries(can)).to.deep.equal({
      [option(SOL_CAN_RAW, CAN_RAW_LOOPBACK)]: 0,
      [option(SOL_CAN_RAW, CAN_RAW_JOIN_FILTERS)]: 1,
      [option(SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS)]: 1,
      [option(SOL_CAN_RAW, CAN_RAW_ERR_FILTER)]: 0x1ff,
      [option(SOL_CAN_RAW, CAN_RAW_FILTER)]: filters,
    });
  });

  it('uses SO_TIMESTAMPNS_OLD when the kernel does not know the new option', () => {
    const newer = `set ${option(SOL_SOCKET, SO_TIMESTAMPNS_NEW)}`;
    const kernel = new FakeKernel({ [newer]: -ENOPROTOOPT });
    open(kernel);
    expect(kernel.values.get(option(SOL_SOCKET, SO_TIMESTAMPNS_OLD))).to.equal(1);
  });

  it('uses SO_RCVBUF when it may not use SO_RCVBUFFORCE', () => {
    const force = `set ${option(SOL_SOCKET, SO_RCVBUFFORCE)}`;
    const get = `get ${option(SOL_SOCKET, SO_RCVBUF)}`;
    const kernel = new FakeKernel({ [force]: -EPERM, [get]: 425_984 });
    expect(open(kernel).receiveBufferSize).to.equal(425_984);
    expect(kernel.values.get(option(SOL_SOCKET, SO_RCVBUF))).to.equal(2_000_000);
  });

  it('opens an interface that is down, and reports that', () => {
    const pending = `get ${option(SOL_SOCKET, SO_ERROR)}`;
    const kernel = new FakeKernel({ [pending]: ENETDOWN });
    expect(open(kernel).up).to.equal(false);
    expect(kernel.closes).to.equal(0);
  });

  it('records a time before it created the socket', () => {
    const before = process.hrtime.bigint();
    const { openedNs } = open(new FakeKernel());
    expect(openedNs >= before && openedNs <= process.hrtime.bigint()).to.equal(true);
  });
});

describe('openKernelEndpoint when a system call fails', () => {
  const NO_INTERFACE = /no interface of that name in this network namespace/;
  const set = (level: number, name: number) => `set ${option(level, name)}`;
  const cases: readonly (readonly [answers: Record<string, number>, code: string, syscall: string, hint?: RegExp])[] = [
    [{ socket: -EAFNOSUPPORT }, 'EAFNOSUPPORT', 'socket', /module "can" .*CONFIG_CAN$/],
    [{ socket: -EPROTONOSUPPORT }, 'EPROTONOSUPPORT', 'socket', /module "can-raw"/],
    [{ socket: -24 }, 'EMFILE', 'socket'],
    [{ if_nametoindex: -ENODEV }, 'ENODEV', 'if_nametoindex', NO_INTERFACE],
    [{ bind: -ENODEV }, 'ENODEV', 'bind', /is not a CAN interface$/],
    [{ [`get ${option(SOL_SOCKET, SO_ERROR)}`]: ENODEV }, 'ENODEV', 'bind', /is not a CAN/],
    [{ [`get ${option(SOL_SOCKET, SO_ERROR)}`]: -ENOMEM }, 'ENOMEM', 'getsockopt'],
    [{ [`get ${option(SOL_SOCKET, SO_RCVBUF)}`]: -EBADF }, 'EBADF', 'getsockopt'],
    [{ [set(SOL_SOCKET, SO_RXQ_OVFL)]: -ENOMEM }, 'ENOMEM', 'setsockopt'],
    [
      {
        [set(SOL_SOCKET, SO_RCVBUFFORCE)]: -EPERM,
        [set(SOL_SOCKET, SO_RCVBUF)]: -EINVAL,
      },
      'EINVAL',
      'setsockopt',
    ],
    [
      {
        [set(SOL_SOCKET, SO_TIMESTAMPNS_NEW)]: -ENOPROTOOPT,
        [set(SOL_SOCKET, SO_TIMESTAMPNS_OLD)]: -ENOPROTOOPT,
      },
      'ENOPROTOOPT',
      'setsockopt',
    ],
    [{ [set(SOL_CAN_RAW, CAN_RAW_FD_FRAMES)]: -ENOPROTOOPT }, 'ENOPROTOOPT', 'setsockopt'],
    [{ [set(SOL_CAN_RAW, CAN_RAW_ERR_FILTER)]: -EINVAL }, 'EINVAL', 'setsockopt'],
    [{ [set(SOL_CAN_RAW, CAN_RAW_FILTER)]: -EINVAL }, 'EINVAL', 'setsockopt'],
    [{ [set(SOL_CAN_RAW, CAN_RAW_LOOPBACK)]: -EINVAL }, 'EINVAL', 'setsockopt'],
    [{ [set(SOL_CAN_RAW, CAN_RAW_JOIN_FILTERS)]: -EINVAL }, 'EINVAL', 'setsockopt'],
    [{ [set(SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS)]: -EINVAL }, 'EINVAL', 'setsockopt'],
  ];
  const ALL = {
    loopback: false,
    joinFilters: true,
    receiveOwn: true,
    errorMask: 4,
    filters: new Uint8Array(8),
  };

  for (const [answers, code, syscall, hint] of cases) {
    const where = Object.entries(answers).map(([call, answer]) => `${call} = ${answer}`);
    it(`throws ${code} of ${syscall} and leaves no descriptor open: ${where.join(', ')}`, () => {
      const { error, kernel } = failure(answers, ALL);
      expect(error).to.include({ code, syscall, interface: 'can7' });
      expect(error['errno']).to.be.lessThan(0);
      expect(error.message).to.contain(`${syscall} 'can7'`);
      if (hint === undefined) expect(error).to.not.have.property('hint');
      else expect(error['hint']).to.match(hint);
      expect(kernel.closes, 'closes').to.equal('socket' in answers ? 0 : 1);
      expect(kernel.log.at(-1)?.startsWith('close')).to.equal(!('socket' in answers));
    });
  }

  it('does not bind to all interfaces when the name is unknown', () => {
    const { kernel } = failure({ if_nametoindex: -ENODEV });
    expect(kernel.address).to.equal(undefined);
  });

  it('reports that an existing interface is not a CAN interface', () => {
    const kernel = new FakeKernel({ bind: -ENODEV });
    const error = thrown(() => openKernelEndpoint('lo', OPTIONS, kernel.calls));
    expect(error['hint']).to.equal('lo is not a CAN interface');
  });
});
