import { expect } from 'chai';
import { FrameFormat, RemoteFrame } from '../../src';
import { row } from '../support/rows/row';
import { needControllers, LONG_TIMEOUT, roomy } from './bus';

/*
 * Run this last. For a remote frame QEMU's SJA1000 takes as many of the receiver's 64 bytes as the frame
 * requests, and returns only those of its header (can_sja1000.c, QEMU 7.2): it garbles every later frame,
 * also after `ip link set down` or removal of the device. frames.test.ts has remote frames of length 0.
 */
describe('Remote frames of two controllers', () => {
  needControllers();
  row('C20', 'delivers remote frames of 8 bytes and of 1 byte', async (seen) => {
    const [a, b] = [roomy('can0'), roomy('can1')];
    await a.socket.send(new RemoteFrame(FrameFormat.Base, 0x123, 8), LONG_TIMEOUT);
    await b.until(1);
    await b.socket.send(new RemoteFrame(FrameFormat.Extended, 0x123, 1), LONG_TIMEOUT);
    await a.until(1);
    expect([...b.texts, ...a.texts]).to.deep.equal(['123#R8', '00000123#R1']);
    seen('as they were sent');
  });
});
