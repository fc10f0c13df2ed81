import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { SocketCANMedia } from '../../src';
import { Candump, canutil } from '../support/kernel/guest';
import { after } from '../support/waiting/until';
import { envelopes, ListeningMedia } from '../support/sockets/media';

describe('SocketCANMedia and can-utils', () => {
  it('receives exactly what cansend sends: identifiers, data, FD and BRS', async () => {
    const listener = new ListeningMedia('vcan0', 64);
    const texts = [
      '123#DEADBEEF',
      '1BADC0FE#',
      '7FF##1AABBCCDDEEFF001122334455',
      '00000001##000',
      '000#00',
    ];
    for (const text of texts) await canutil('cansend', 'vcan0', text);
    await listener.until(texts.length);
    expect(listener.texts).to.deep.equal(texts);
    expect(listener.received.map(({ frame }) => frame.fd)).to.deep.equal([
      false,
      false,
      true,
      true,
      false,
    ]);
    expect(listener.received.map(({ frame }) => frame.brs)).to.deep.equal([
      false,
      false,
      true,
      false,
      false,
    ]);
    expect(listener.received.map(({ loopback }) => loopback)).to.not.include(true);
    await listener.close();
  });

  it('sends what candump sees, an FD media in CAN FD with BRS whatever the length', async () => {
    const candump = await Candump.start('vcan0');
    const listener = new ListeningMedia('vcan0', 12);
    const frames = envelopes(false, '123#AABB', '1BADC0FE#', '7FF##0' + '11'.repeat(64));
    expect(await listener.media.send(frames, after(1000))).to.equal(3);
    const seen = await candump.frames(3);
    // Newer kernels report the FDF flag (4) beside BRS (1).
    expect(seen.map((text) => text.replace('##5', '##1'))).to.deep.equal([
      '123##1AABB',
      '1BADC0FE##1',
      '7FF##1' + '11'.repeat(64),
    ]);
    await listener.close();
  });

  it('sends without BRS when told so, and classic frames with an MTU of 8', async () => {
    const candump = await Candump.start('vcan0');
    const quiet = new ListeningMedia('vcan0', 64, { disableBRS: true });
    const classic = new ListeningMedia('vcan0', 8);
    expect(await quiet.media.send(envelopes(false, '123##1AA'), after(1000))).to.equal(1);
    expect(await classic.media.send(envelopes(false, '123#AA'), after(1000))).to.equal(1);
    const seen = await candump.frames(2);
    expect(seen.map((text) => text.replace('##4', '##0'))).to.deep.equal(['123##0AA', '123#AA']);
    await quiet.close();
    await classic.close();
  });

  it('hands a classic media no CAN FD frames', async () => {
    const classic = new ListeningMedia('vcan0', 8);
    await canutil('cansend', 'vcan0', '123##1AA');
    await canutil('cansend', 'vcan0', '124#AA');
    await classic.until(1);
    await sleep(50);
    expect(classic.texts).to.deep.equal(['124#AA']);
    await classic.close();
  });

  it('hands over nothing before start, and then what was queued since the media was opened', async () => {
    const media = new SocketCANMedia('vcan0', 64);
    await canutil('cansend', 'vcan0', '123#01');
    await sleep(100);
    const received: string[] = [];
    media.start((frames) => received.push(...frames.map(({ frame }) => String(frame))), false);
    await canutil('cansend', 'vcan0', '123#02');
    while (received.length < 2) await sleep(5);
    expect(received).to.deep.equal(['123#01', '123#02']);
    await media.close();
  });
});
