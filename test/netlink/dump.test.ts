import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { AF_UNIX, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_SEQPACKET } from '../../src/libc/constants';
import { EAGAIN, EBUSY, EMSGSIZE, ENOLINK, ENOMEM, EPERM } from '../../src/libc/errno';
import { check } from '../../src/libc/errors';
import { close, read, write } from '../../src/libc/file';
import { socketpair } from '../../src/libc/socket';
import { dumpLinks } from '../../src/netlink/dump';
import { attribute, cString, ifinfomsg, netlinkMessage, u16, u32 } from '../support/fakes/netlink';
import { openDescriptors } from '../support/processes/process';

const ERROR = 2;
const DONE = 3;
const NEW = 16;
const INTERRUPTED = 0x10;

/** Returns a message that answers the request with this sequence number. */
function answer(sequence: number, type: number, payload: readonly Uint8Array[], flags = 2): Uint8Array {
  const bytes = netlinkMessage(type, ...payload);
  bytes.set(u16(flags), 6);
  bytes.set(u32(sequence), 8);
  return bytes;
}

function link(sequence: number, index: number, flags = 2): Uint8Array {
  const payload = [ifinfomsg(index, 0), attribute(3, cString(`can${index}`))];
  return answer(sequence, NEW, payload, flags);
}

function done(sequence: number, error = 0, flags = 2): Uint8Array {
  return answer(sequence, DONE, [u32(error)], flags);
}

interface Scripted {
  /** The names of the interfaces, or the negative error number. */
  readonly names: unknown;
  readonly requests: readonly Uint8Array[];
}

/** Runs dumpLinks() with a socketpair in place of the kernel. The other end has already sent all answers. */
function scripted(...datagrams: readonly Uint8Array[][]): Scripted {
  const type = SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const pair = socketpair(AF_UNIX, type, 0);
  if (typeof pair === 'number') throw new Error(`socketpair: ${pair}`);
  const [near, far] = pair;
  try {
    for (const messages of datagrams) check(write(far, Buffer.concat(messages)), 'write');
    const result = dumpLinks(() => near);
    const requests: Uint8Array[] = [];
    const buffer = new Uint8Array(1024);
    // The first read returns an error if the near end was closed before it had read everything.
    for (let i = 0; i < 10; i++) {
      const length = read(far, buffer);
      if (length > 0) requests.push(buffer.slice(0, length));
    }
    const names = typeof result === 'number' ? result : result.map(({ name }) => name);
    return { names, requests };
  } finally {
    close(far);
  }
}

describe('dumpLinks', () => {
  it('returns every interface of this namespace with name, index, hardware type and flags', () => {
    const found = dumpLinks();
    if (typeof found === 'number') throw new Error(`rtnetlink: ${found}`);
    const expected = readdirSync('/sys/class/net')
      .map((name) => {
        const file = (what: string) => Number(readFileSync(`/sys/class/net/${name}/${what}`, 'utf8'));
        try {
          return {
            name,
            index: file('ifindex'),
            hardwareType: file('type'),
            up: file('flags') & 1,
          };
        } catch {
          return undefined; // Not an interface, like bonding_masters.
        }
      })
      .filter((each) => each !== undefined);
    expect(
      found.map(({ name, index, hardwareType, flags }) => {
        return { name, index, hardwareType, up: flags & 1 };
      }),
    ).to.have.deep.members(expected);
    expect(expected.map(({ name }) => name)).to.include('lo');
  });

  it('requests all interfaces by RTM_GETLINK', () => {
    const { requests } = scripted([done(1)]);
    const ifinfo = new Uint8Array(16);
    const expected = netlinkMessage(18, ifinfo);
    expected.set(u16(0x301), 6);
    expected.set(u32(1), 8);
    expect(requests.map((each) => Buffer.from(each).toString('hex'))).to.deep.equal([
      Buffer.from(expected).toString('hex'),
    ]);
  });

  it('reads all datagrams of the answer', () => {
    const { names } = scripted([link(1, 1), link(1, 2)], [link(1, 3)], [done(1)]);
    expect(names).to.deep.equal(['can1', 'can2', 'can3']);
  });

  it('ignores messages that do not answer its request', () => {
    const { names } = scripted([link(9, 1), done(9)], [link(1, 2)], [done(0), done(1)]);
    expect(names).to.deep.equal(['can2']);
  });

  it('requests again when interfaces changed during the answer, and returns the complete one only', () => {
    const { names, requests } = scripted(
      [link(1, 1, 2 | INTERRUPTED), link(1, 2)],
      [done(1)],
      [link(2, 1), link(2, 2)],
      [link(2, 3), done(2, 0, 2 | INTERRUPTED)],
      [link(3, 1), link(3, 4), done(3)],
    );
    expect(names).to.deep.equal(['can1', 'can4']);
    expect(requests).to.have.length(3);
  });

  it('returns the fifth answer even if interfaces changed during it', () => {
    const rounds = Array.from({ length: 9 }, (_, i) => [link(i + 1, i + 1, 2 | INTERRUPTED), done(i + 1)]);
    const { names, requests } = scripted(...rounds);
    expect(names).to.deep.equal(['can5']);
    expect(requests).to.have.length(5);
  });

  it('returns the error number of NLMSG_ERROR and of NLMSG_DONE', () => {
    expect(scripted([answer(1, ERROR, [u32(-EBUSY), new Uint8Array(16)])]).names).to.equal(-EBUSY);
    expect(scripted([link(1, 1), done(1, -ENOMEM)]).names).to.equal(-ENOMEM);
  });

  it('returns an error number when the answer ends too early or is truncated', () => {
    expect(scripted([link(1, 1)]).names).to.equal(-EAGAIN);
    expect(scripted([link(1, 1)], []).names).to.equal(-ENOLINK);
    expect(scripted([link(1, 1).subarray(0, 40)], [done(1)]).names).to.equal(-EMSGSIZE);
  });

  it('returns the error number when it cannot open a socket', () => {
    expect(dumpLinks(() => -EPERM)).to.equal(-EPERM);
  });

  it('closes the socket after success and after errors', () => {
    const before = openDescriptors();
    dumpLinks();
    scripted([done(1)]);
    scripted([]);
    scripted([done(1, -ENOMEM)]);
    expect(openDescriptors()).to.deep.equal(before);
  });
});
