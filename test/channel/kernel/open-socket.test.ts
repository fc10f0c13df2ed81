import { expect } from 'chai';
import { openSocket, type UnboundSocket } from '../../../src/channel/kernel/open-socket';
import {
  SOL_CAN_RAW,
  SOL_SOCKET,
  SO_ERROR,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_RXQ_OVFL,
  SO_TIMESTAMPNS_NEW,
  SO_TIMESTAMPNS_OLD,
} from '../../../src/libc/constants';
import { EAFNOSUPPORT, EBADF, EINVAL, ENETDOWN, ENODEV, ENOMEM, EPERM, EPROTONOSUPPORT } from '../../../src/libc/errno';
import { host } from '../../../src/libc/layouts';
import { thrown } from '../../support/asserts/thrown';
import { FakeKernel, OPEN_OPTIONS, option } from '../../support/fakes/kernel-calls';
import { ENOPROTOOPT } from '../../support/headers/constants';

/** Opens can7 of this kernel. */
function open(kernel: FakeKernel, configure: (unbound: UnboundSocket) => void = () => undefined) {
  return openSocket('can7', OPEN_OPTIONS, configure, kernel.calls);
}

/** Sets one option with an int, number 1, and one with bytes, number 2. */
function configure(unbound: UnboundSocket): void {
  unbound.setInt(SOL_CAN_RAW, 1, 7);
  unbound.set(SOL_CAN_RAW, 2, new Uint8Array([1, 2]));
}

describe('openSocket', () => {
  it('creates a non-blocking socket of the protocol that child processes do not inherit', () => {
    const kernel = new FakeKernel();
    open(kernel);
    const { type, protocol } = OPEN_OPTIONS;
    expect(kernel.log[0]).to.equal(`socket 29 ${type | 0x800 | 0x80000} ${protocol}`);
  });

  it('sets all options before it binds, and reads the pending error afterwards', () => {
    const kernel = new FakeKernel();
    open(kernel, configure);
    const bind = kernel.log.indexOf(`bind ${FakeKernel.fd}`);
    const sets = kernel.log.flatMap((line, index) => (line.startsWith('set ') ? [index] : []));
    expect(Math.max(...sets)).to.be.lessThan(bind);
    expect(kernel.log.slice(bind + 1)).to.deep.equal([`get ${option(SOL_SOCKET, SO_ERROR)}`]);
  });

  it('returns the open socket with the granted receive buffer', () => {
    const kernel = new FakeKernel();
    expect(open(kernel)).to.include({
      fd: FakeKernel.fd,
      interfaceName: 'can7',
      index: 3,
      timestamps: 'software',
      receiveBufferSize: 4_000_000,
    });
    expect(kernel.closes).to.equal(0);
  });

  it('sets timestamps in ns, drop counts and the receive buffer, and the options of the protocol', () => {
    const kernel = new FakeKernel();
    open(kernel, configure);
    expect(Object.fromEntries(kernel.values)).to.deep.equal({
      [option(SOL_SOCKET, SO_TIMESTAMPNS_NEW)]: 1,
      [option(SOL_SOCKET, SO_RXQ_OVFL)]: 1,
      [option(SOL_SOCKET, SO_RCVBUFFORCE)]: 2_000_000,
      [option(SOL_CAN_RAW, 1)]: 7,
      [option(SOL_CAN_RAW, 2)]: new Uint8Array([1, 2]),
    });
  });

  it('passes the descriptor to the function that sets the options of the protocol', () => {
    const descriptors: number[] = [];
    open(new FakeKernel(), ({ fd }) => descriptors.push(fd));
    expect(descriptors).to.deep.equal([FakeKernel.fd]);
  });

  it('binds to the index of the interface', () => {
    const kernel = new FakeKernel({ if_nametoindex: 5 });
    open(kernel);
    const expected = host.sockaddr_can.make({ can_family: 29, can_ifindex: 5 });
    expect([...(kernel.address ?? [])]).to.deep.equal([...expected]);
  });

  it('uses SO_RCVBUF when it may not use SO_RCVBUFFORCE', () => {
    const force = `set ${option(SOL_SOCKET, SO_RCVBUFFORCE)}`;
    const get = `get ${option(SOL_SOCKET, SO_RCVBUF)}`;
    const kernel = new FakeKernel({ [force]: -EPERM, [get]: 425_984 });
    expect(open(kernel).receiveBufferSize).to.equal(425_984);
    expect(kernel.values.get(option(SOL_SOCKET, SO_RCVBUF))).to.equal(2_000_000);
  });

  it('opens an interface that is down', () => {
    const kernel = new FakeKernel({ [`get ${option(SOL_SOCKET, SO_ERROR)}`]: ENETDOWN });
    expect(open(kernel).fd).to.equal(FakeKernel.fd);
    expect(kernel.closes).to.equal(0);
  });

  it('records a time before it created the socket', () => {
    const before = process.hrtime.bigint();
    let created = 0n;
    const { calls } = new FakeKernel();
    const socket: typeof calls.socket = (...args) => {
      created = process.hrtime.bigint();
      return calls.socket(...args);
    };
    const { openedNs } = openSocket('can7', OPEN_OPTIONS, () => undefined, { ...calls, socket });
    expect(openedNs >= before && openedNs <= created).to.equal(true);
  });
});

describe('openSocket when a system call fails', () => {
  const NO_INTERFACE = /no interface of that name in this network namespace/;
  const get = (name: number) => `get ${option(SOL_SOCKET, name)}`;
  const set = (name: number, level = SOL_SOCKET) => `set ${option(level, name)}`;
  const cases: readonly (readonly [answers: Record<string, number>, code: string, syscall: string, hint?: RegExp])[] = [
    [{ socket: -EAFNOSUPPORT }, 'EAFNOSUPPORT', 'socket', /module "can" .*CONFIG_CAN$/],
    [{ socket: -EPROTONOSUPPORT }, 'EPROTONOSUPPORT', 'socket', /^load the module of the protocol$/],
    [{ socket: -24 }, 'EMFILE', 'socket'],
    [{ if_nametoindex: -ENODEV }, 'ENODEV', 'if_nametoindex', NO_INTERFACE],
    [{ bind: -ENODEV }, 'ENODEV', 'bind', /^can7 is not a CAN interface$/],
    [{ [get(SO_ERROR)]: ENODEV }, 'ENODEV', 'bind', /is not a CAN/],
    [{ [get(SO_ERROR)]: -ENOMEM }, 'ENOMEM', 'getsockopt'],
    [{ [get(SO_RCVBUF)]: -EBADF }, 'EBADF', 'getsockopt'],
    [{ [set(SO_RXQ_OVFL)]: -ENOMEM }, 'ENOMEM', 'setsockopt'],
    [{ [set(SO_RCVBUFFORCE)]: -EPERM, [set(SO_RCVBUF)]: -EINVAL }, 'EINVAL', 'setsockopt'],
    [{ [set(SO_TIMESTAMPNS_NEW)]: -ENOPROTOOPT, [set(SO_TIMESTAMPNS_OLD)]: -ENOPROTOOPT }, 'ENOPROTOOPT', 'setsockopt'],
    [{ [set(1, SOL_CAN_RAW)]: -ENOPROTOOPT }, 'ENOPROTOOPT', 'setsockopt'],
    [{ [set(2, SOL_CAN_RAW)]: -EINVAL }, 'EINVAL', 'setsockopt'],
  ];

  for (const [answers, code, syscall, hint] of cases) {
    const where = Object.entries(answers).map(([call, answer]) => `${call} = ${answer}`);
    it(`throws ${code} of ${syscall} and leaves no descriptor open: ${where.join(', ')}`, () => {
      const kernel = new FakeKernel(answers);
      const error = thrown(() => open(kernel, configure));
      expect(error).to.include({ code, syscall, interface: 'can7' });
      expect(error['errno']).to.be.lessThan(0);
      expect(error.message).to.contain(`${syscall} 'can7'`);
      if (hint === undefined) expect(error).to.not.have.property('hint');
      else expect(error['hint']).to.match(hint);
      expect(kernel.closes, 'closes').to.equal('socket' in answers ? 0 : 1);
      expect(kernel.log.at(-1)?.startsWith('close')).to.equal(!('socket' in answers));
    });
  }

  it('closes the socket when the function that sets the options of the protocol throws', () => {
    const kernel = new FakeKernel();
    const error = thrown(() =>
      open(kernel, () => {
        throw new Error('from the protocol');
      }),
    );
    expect(error.message).to.equal('from the protocol');
    expect(kernel.closes).to.equal(1);
    expect(kernel.address).to.equal(undefined);
  });

  it('does not bind to all interfaces when the name is unknown', () => {
    const kernel = new FakeKernel({ if_nametoindex: -ENODEV });
    thrown(() => open(kernel));
    expect(kernel.address).to.equal(undefined);
  });

  it('reports that an existing interface is not a CAN interface', () => {
    const kernel = new FakeKernel({ bind: -ENODEV });
    const error = thrown(() => openSocket('lo', OPEN_OPTIONS, configure, kernel.calls));
    expect(error['hint']).to.equal('lo is not a CAN interface');
  });
});
