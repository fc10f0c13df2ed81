import { expect } from 'chai';
import { FrameFormat, RemoteFrame } from '../../src';
import { row } from '../support/rows/row';
import { roomy } from './bus';

/*
 * To be run last. QEMU's SJA1000 takes as many of the receiver's 64 bytes as a remote frame asks for, and
 * gives back only those of its header (can_sja1000.c, QEMU 7.2): whatever comes next is garbled, and no
 * `ip link set down` or removal of the device mends it. Remote frames of no bytes are in frames.test.ts.
 */
describe('remote frames of two controllers', () => {
  row('C20', 'a remote frame of 8 bytes one way, of 1 byte the other', async (seen) => {
    const [a, b] = [roomy('can0'), roomy('can1')];
    await a.socket.send(new RemoteFrame(FrameFormat.Base, 0x123, 8));
    await b.until(1);
    await b.socket.send(new RemoteFrame(FrameFormat.Extended, 0x123, 1));
    await a.until(1);
    expect([...b.texts, ...a.texts]).to.deep.equal(['123#R8', '00000123#R1']);
    seen('as they were sent');
  });
});
