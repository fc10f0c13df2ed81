import { expect } from 'chai';
import { host, layouts } from '../../src/libc/layouts';
import { hostABI, type ABI } from '../../src/libc/ref';
import { expectHeaders } from '../support/headers/expect-headers';
import { hostMachine } from '../support/headers/machines';
import { structsInC } from '../support/headers/structs';

type Layouts = ReturnType<typeof layouts>;
type Expected = Readonly<Record<keyof Layouts, readonly [size: number, ...offsets: number[]]>>;

const X86_64: ABI = { pointer: 8, long: 8, alignofInt64: 8 };
const ARM: ABI = { pointer: 4, long: 4, alignofInt64: 8 };

/** Sizes and offsets of the structs that are the same on every machine. */
const COMMON = {
  can_frame: [16, 0, 4, 5, 6, 7, 8],
  canfd_frame: [72, 0, 4, 5, 6, 7, 8],
  can_filter: [8, 0, 4],
  sockaddr_can: [24, 0, 4, 8, 12, 16],
  kernel_timespec: [16, 0, 8],
  pollfd: [8, 0, 4, 6],
  sockaddr_nl: [12, 0, 2, 4, 8],
  nlmsghdr: [16, 0, 4, 6, 8, 12],
  nlattr: [4, 0, 2],
  can_bittiming: [32, 0, 4, 8, 12, 16, 20, 24, 28],
  can_ctrlmode: [8, 0, 4],
  can_berr_counter: [4, 0, 2],
  can_device_stats: [24, 0, 4, 8, 12, 16, 20],
  ifinfomsg: [16, 0, 1, 2, 4, 8, 12],
  ethtool_ts_info: [44, 0, 4, 8, 12, 16, 28, 32],
} as const;

const EXPECTED_X86_64: Expected = {
  ...COMMON,
  iovec: [16, 0, 8],
  msghdr: [56, 0, 8, 16, 24, 32, 40, 48],
  mmsghdr: [64, 0, 56],
  cmsghdr: [16, 0, 8, 12],
  timeval: [16, 0, 8],
  timespec: [16, 0, 8],
  ifreq: [40, 0, 16, 24],
};

const EXPECTED_ARM: Expected = {
  ...COMMON,
  iovec: [8, 0, 4],
  msghdr: [28, 0, 4, 8, 12, 16, 20, 24],
  mmsghdr: [32, 0, 28],
  cmsghdr: [12, 0, 4, 8],
  timeval: [8, 0, 4],
  timespec: [8, 0, 4],
  ifreq: [32, 0, 16, 20],
};

function numbers(all: Layouts): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(all).map(([name, { size, offset }]) => [name, [size, ...Object.values<number>(offset)]]),
  );
}

describe('struct layouts', () => {
  it('are those of x86-64 where pointers and longs have 8 bytes', () => {
    expect(numbers(layouts(X86_64))).to.deep.equal(EXPECTED_X86_64);
  });

  it('are those of 32-bit ARM where pointers and longs have 4 bytes', () => {
    expect(numbers(layouts(ARM))).to.deep.equal(EXPECTED_ARM);
  });

  it('are on the host those of its ABI', () => {
    expect(numbers(host)).to.deep.equal(numbers(layouts(hostABI())));
  });

  it('align 64-bit integers at 4 on i386', () => {
    const i386 = layouts({ pointer: 4, long: 4, alignofInt64: 4 });
    expect(i386.kernel_timespec.alignment).to.equal(4);
    expect(layouts(ARM).kernel_timespec.alignment).to.equal(8);
  });

  it('have on the host the sizes and offsets of its C headers', () => {
    expectHeaders(hostMachine(), structsInC(host));
  });

  it('make zeroed structs with the given members', () => {
    const arm = layouts(ARM);
    const header = arm.msghdr.make({ msg_iov: 0x1234_5678n, msg_iovlen: 1n });
    const words = new Uint32Array(Uint8Array.from(header).buffer);
    expect([...words]).to.deep.equal([0, 0, 0x1234_5678, 1, 0, 0, 0]);
  });

  it('make structs with 64-bit words, shorts, ints and names at their offsets', () => {
    const { sockaddr_can, iovec, ifreq } = layouts(X86_64);
    const address = sockaddr_can.make({ can_family: 29, can_ifindex: -2 });
    expect([...new Uint16Array(Uint8Array.from(address).buffer)].slice(0, 4)).to.deep.equal(
      new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? [29, 0, 0xfffe, 0xffff] : [29, 0, 0xffff, 0xfffe],
    );
    const vector = iovec.make({ iov_base: 0xfedc_ba98_7654_3210n, iov_len: 72n });
    expect([...new BigUint64Array(Uint8Array.from(vector).buffer)]).to.deep.equal([0xfedc_ba98_7654_3210n, 72n]);
    const request = ifreq.make({ ifr_name: Buffer.from('vcan0') });
    expect(request.toString('latin1')).to.equal('vcan0'.padEnd(40, '\0'));
  });

  it('cut a name that is too long for its member instead of writing past it', () => {
    const request = layouts(X86_64).ifreq.make({ ifr_name: Buffer.alloc(30, 'x') });
    expect(request.toString('latin1')).to.equal('x'.repeat(16).padEnd(40, '\0'));
  });
});
