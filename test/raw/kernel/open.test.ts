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
} from '../../../src/libc/constants';
import { EINVAL, EPROTONOSUPPORT } from '../../../src/libc/errno';
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

  it('sets all options before it binds, and returns the endpoint', () => {
    const kernel = new FakeKernel();
    const endpoint = open(kernel);
    const bind = kernel.log.indexOf(`bind ${FakeKernel.fd}`);
    const sets = kernel.log.flatMap((line, index) => (line.startsWith('set ') ? [index] : []));
    expect(Math.max(...sets)).to.be.lessThan(bind);
    expect(kernel.log.slice(bind + 1)).to.deep.equal([`get ${option(SOL_SOCKET, SO_ERROR)}`]);
    expect(endpoint).to.include({
      fd: FakeKernel.fd,
      interfaceName: 'can7',
      receiveBufferSize: 4_000_000,
    });
    expect(kernel.closes).to.equal(0);
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

  it('requests hardware timestamps with the option', () => {
    const offering = () => new FakeKernel({ timestampingOf: 4 + 64 });
    expect(open(offering(), { timestamps: 'hardware' }).timestamps).to.equal('hardware');
    const kernel = offering();
    expect(open(kernel).timestamps).to.equal('software');
    expect(kernel.log).to.not.include('timestampingOf can7');
  });

  it('sets every given option of CAN_RAW', () => {
    const kernel = new FakeKernel();
    const filters = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
    open(kernel, {
      canFD: false,
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
});

describe('openKernelEndpoint when a system call fails', () => {
  const set = (level: number, name: number) => `set ${option(level, name)}`;
  const cases: readonly (readonly [answers: Record<string, number>, code: string, syscall: string, hint?: RegExp])[] = [
    [{ socket: -EPROTONOSUPPORT }, 'EPROTONOSUPPORT', 'socket', /module "can-raw"/],
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
});
