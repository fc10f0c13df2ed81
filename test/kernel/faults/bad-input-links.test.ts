import { expect } from 'chai';
import { DataFrame, FrameFormat, listInterfaces, SocketCANMedia } from '../../../src';
import { EINVAL } from '../../../src/libc/errno';
import { addVcan, ip, removeLink } from '../../support/kernel/guest';
import { until } from '../../support/waiting/until';
import { ListeningSocket } from '../../support/sockets/listening-socket';
import { RawWriter } from '../../support/kernel/raw';
import { keepThread } from '../../support/processes/keep-thread';
import { LONG_TIMEOUT } from '../../support/sockets/long-timeout';
import { row } from '../../support/rows/row';
import { SlcanAdapter } from '../../support/kernel/slcan';
import { rejection } from '../../support/asserts/thrown';

describe('Bad input on interfaces of several kinds', () => {
  keepThread();
  const odd = ['CAN_A', 'can-0', 'vcan0.1', 'scan0', 'xa', 'can.é', 'x@y', 'CAN0123456789ab'];
  afterEach(() => {
    for (const name of [...odd, 'notcan0', 'xb']) removeLink(name);
  });

  row('B10', 'an interface of MTU 16 receives CAN FD frames of its peer and sends none', async (seen) => {
    ip('link', 'add', 'xa', 'type', 'vxcan', 'peer', 'name', 'xb');
    ip('link', 'set', 'xa', 'mtu', '16', 'up');
    ip('link', 'set', 'xb', 'mtu', '72', 'up');
    const listener = new ListeningSocket('xa');
    const writer = new RawWriter('xb');
    const near = new RawWriter('xa');
    expect(writer.writeFrame(0x123, 12, true, 1)).to.equal(72);
    expect(writer.writeFrame(0x124, 2)).to.equal(16);
    await listener.until(2);
    expect(listener.texts).to.deep.equal([`123##1${'5A'.repeat(12)}`, '124#5A5A']);
    expect(near.writeFrame(0x123, 12, true)).to.equal(-EINVAL);
    const frame = new DataFrame(FrameFormat.Base, 0x123, new Uint8Array(12));
    const error = await rejection(listener.socket.send(frame, LONG_TIMEOUT));
    expect(error).to.include({ code: 'ERR_SOCKETCAN_CONFIGURATION', interface: 'xa', sent: 0 });
    expect(error.message).to.include('its MTU is 16');
    near.close();
    writer.close();
    await listener.close();
    seen('delivered; sending one there is ERR_SOCKETCAN_CONFIGURATION');
  });

  row('B11', 'delivers only good frames when an slcan adapter sends garbage', async (seen) => {
    const adapter = new SlcanAdapter();
    const listener = new ListeningSocket(adapter.interfaceName, { errorMask: 0x1fffffff });
    const media = new SocketCANMedia(adapter.interfaceName, 8);
    const texts: string[] = [];
    media.start((frames) => texts.push(...frames.map(({ frame }) => String(frame))), false);
    await adapter.write(Buffer.alloc(5000, 't'));
    await adapter.say('', 't1232AABB');
    await adapter.write(Buffer.alloc(300, Buffer.from([0, 0xff])));
    await adapter.say('', 'T1BADC0FE0');
    await adapter.say('t', 't12', 't123', 't1239', 't123F', 't1234AABB', 't12X0', 'tG230', 'T1230');
    await adapter.say('hello world, this is no frame', 'V1013', 'N1234', 'z', '\x07', 't1231XX');
    await adapter.say('sx000000', 'sw', 'sw096', 'swABCDEF', 'e', 'e1', 'e1x', 'e9aaaaaaaaa', 'exa');
    await adapter.say('t1241AABBCCDD', 'r12499', 't7FF0');
    await listener.until(4);
    await until(() => texts.length >= 4, 'the media has them, too');
    expect(listener.texts).to.deep.equal(['123#AABB', '1BADC0FE#', '124#AA', '7FF#']);
    expect(listener.statistics).to.include({ received: 4, unsupported: 0 });
    expect(texts).to.deep.equal(listener.texts);
    seen('none of it reaches the socket; what trails a frame is cut off; all 4 good frames came');
    await media.close();
    adapter.close();
    await listener.close();
  });

  row('B11i', 'counts slcan frames with an identifier out of range as unsupported', async (seen) => {
    const adapter = new SlcanAdapter();
    const listener = new ListeningSocket(adapter.interfaceName, { errorMask: 0x1fffffff });
    await adapter.say('t8001AA', 'tFFF0', 'rFFF4', 't7FF0');
    expect(await listener.takeBefore('7FF#')).to.deep.equal([]);
    expect(listener.statistics).to.include({ received: 1, unsupported: 3 });
    // The driver puts the eight digits into can_id as they are, flag bits too.
    await adapter.say('T200000400', 'T400001231AA', 't7FF0');
    const taken = await listener.takeBefore('7FF#');
    expect(taken).to.deep.equal(['error: bus-off', '00000123#R1']);
    seen('base 0x800, 0xFFF: counted unsupported; T20000040: an error frame, T40000123: a remote');
    adapter.close();
    await listener.close();
  });

  row('B18', `lists and opens interfaces named ${odd.join(', ')}`, async (seen) => {
    ip('link', 'add', 'notcan0', 'type', 'dummy');
    for (const name of odd) addVcan(name);
    const listed = SocketCANMedia.listAvailableInterfaceNames();
    expect(listed).to.include.members(odd);
    expect(listed).to.not.include.members(['notcan0']);
    expect(listInterfaces().map(({ name }) => name)).to.have.members(listed);
    for (const name of odd) {
      const listener = new ListeningSocket(name);
      const writer = new RawWriter(name);
      expect(writer.writeFrame(0x123, 0)).to.equal(16);
      await listener.until(1);
      writer.close();
      await listener.close();
    }
    seen(`all ${odd.length} listed and opened, not notcan0 (a dummy)`);
  });
});
