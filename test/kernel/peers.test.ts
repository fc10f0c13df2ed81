import { expect } from 'chai';
import { SocketCANMedia } from '../../src';
import { Candump, cansend } from '../support/kernel/guest';
import { after, HANG_MS, until } from '../support/waiting/until';
import { envelopes, ListeningMedia } from '../support/sockets/media';

describe('SocketCANMedia and can-utils', () => {
  it('receives identifiers, data, FD and BRS exactly as cansend sends them', async () => {
    const listener = new ListeningMedia('vcan0', 64);
    const texts = ['123#DEADBEEF', '1BADC0FE#', '7FF##1AABBCCDDEEFF001122334455', '00000001##000', '000#00'];
    cansend('vcan0', ...texts);
    await listener.until(texts.length);
    expect(listener.texts).to.deep.equal(texts);
    expect(listener.received.map(({ frame }) => frame.fd)).to.deep.equal([false, false, true, true, false]);
    expect(listener.received.map(({ frame }) => frame.brs)).to.deep.equal([false, false, true, false, false]);
    expect(listener.received.map(({ loopback }) => loopback)).to.not.include(true);
    await listener.close();
  });

  it('sends frames of any length in CAN FD with BRS, which candump sees', async () => {
    const candump = await Candump.start('vcan0');
    const listener = new ListeningMedia('vcan0', 12);
    const frames = envelopes(false, '123#AABB', '1BADC0FE#', '7FF##0' + '11'.repeat(64));
    expect(await listener.media.send(frames, after(HANG_MS))).to.equal(3);
    const seen = await candump.frames(3);
    // Newer kernels report the FDF flag (4) beside BRS (1).
    expect(seen.map((text) => text.replace('##5', '##1'))).to.deep.equal([
      '123##1AABB',
      '1BADC0FE##1',
      '7FF##1' + '11'.repeat(64),
    ]);
    await listener.close();
  });

  it('sends without BRS when disableBRS is set, and in classic CAN when the MTU is 8', async () => {
    const candump = await Candump.start('vcan0');
    const quiet = new ListeningMedia('vcan0', 64, { disableBRS: true });
    const classic = new ListeningMedia('vcan0', 8);
    expect(await quiet.media.send(envelopes(false, '123##1AA'), after(HANG_MS))).to.equal(1);
    expect(await classic.media.send(envelopes(false, '123#AA'), after(HANG_MS))).to.equal(1);
    const seen = await candump.frames(2);
    expect(seen.map((text) => text.replace('##4', '##0'))).to.deep.equal(['123##0AA', '123#AA']);
    await quiet.close();
    await classic.close();
  });

  it('delivers no CAN FD frames to a classic media', async () => {
    const classic = new ListeningMedia('vcan0', 8);
    cansend('vcan0', '123##1AA', '124#AA');
    // Frames arrive in order: a CAN FD frame would be here before this one.
    await classic.until(1);
    expect(classic.texts).to.deep.equal(['124#AA']);
    await classic.close();
  });

  it('delivers the frames queued before start() when start() is called', async () => {
    const media = new SocketCANMedia('vcan0', 64);
    const other = new ListeningMedia('vcan0', 64);
    cansend('vcan0', '123#01');
    await other.until(1);
    expect(media.statistics.received).to.equal(0);
    const received: string[] = [];
    media.start((frames) => received.push(...frames.map(({ frame }) => String(frame))), false);
    cansend('vcan0', '123#02');
    await until(() => received.length >= 2, 'both frames');
    expect(received).to.deep.equal(['123#01', '123#02']);
    await media.close();
    await other.close();
  });
});
