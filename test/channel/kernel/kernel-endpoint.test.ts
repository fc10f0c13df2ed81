import { expect } from 'chai';
import { KernelEndpoint, type OpenedSocket } from '../../../src/channel/kernel/kernel-endpoint';
import { SOL_SOCKET, SO_ERROR } from '../../../src/libc/constants';
import { EBADF } from '../../../src/libc/errno';
import { getsockoptInt } from '../../../src/libc/socket';
import { classicBytes, Pair } from '../../support/traffic/pairs';
import { PACKET_RECORD } from '../../support/traffic/records';

/** An endpoint of no protocol. */
class PlainEndpoint extends KernelEndpoint<never> {
  readonly layout = PACKET_RECORD;

  send(): number {
    return 0;
  }
}

function opened(pair: Pair, interfaceName: string, index: number): OpenedSocket {
  const { near: fd } = pair;
  return { fd, interfaceName, index, openedNs: 9n, timestamps: 'hardware', receiveBufferSize: 4096 };
}

/** An endpoint on one end of a socket pair. It makes real system calls, on a socket without CAN. */
const onLoopback = (pair: Pair) => new PlainEndpoint(opened(pair, 'lo', 1));
const withoutInterface = (pair: Pair) => new PlainEndpoint(opened(pair, 'nosuchif0', 0x7ffffff0));

describe('KernelEndpoint', () => {
  it('has the properties of the opened socket', () => {
    using pair = new Pair();
    expect(onLoopback(pair)).to.include(opened(pair, 'lo', 1));
  });

  it('returns the current MTU of its interface, or undefined without the interface', () => {
    using pair = new Pair();
    expect(onLoopback(pair).mtu()).to.be.greaterThan(72);
    expect(withoutInterface(pair).mtu()).to.equal(undefined);
  });

  it("returns the current state of its interface, 'gone' without the interface", () => {
    using pair = new Pair();
    expect(onLoopback(pair).link()).to.be.oneOf(['up', 'down']);
    expect(withoutInterface(pair).link()).to.equal('gone');
  });

  it('finds its interface by the index, because the name may have changed', () => {
    using pair = new Pair();
    expect(new PlainEndpoint(opened(pair, 'oldname0', 1)).mtu()).to.equal(onLoopback(pair).mtu());
    expect(new PlainEndpoint(opened(pair, 'lo', 0x7ffffff0)).link()).to.equal('gone');
  });

  it('returns the number of dropped packets that the kernel counts', () => {
    using pair = new Pair();
    const endpoint = onLoopback(pair);
    pair.send(classicBytes(1));
    expect(endpoint.drops()).to.equal(0);
  });

  it('returns undefined for the dropped packets when the descriptor is closed', () => {
    using pair = new Pair();
    const endpoint = onLoopback(pair);
    pair.closeNear();
    expect(endpoint.drops()).to.equal(undefined);
  });

  it('closes its descriptor', () => {
    using pair = new Pair();
    onLoopback(pair).close();
    expect(getsockoptInt(pair.near, SOL_SOCKET, SO_ERROR)).to.equal(-EBADF);
  });
});
