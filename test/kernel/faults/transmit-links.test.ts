import { expect } from 'chai';
import { DataFrame } from '../../../src';
import { EXTENDED_IDENTIFIER_MASK } from '../../../src/frame/format';
import { addVcan, removeLink, tc } from '../../support/kernel/guest';
import { HANG_MS, until } from '../../support/waiting/until';
import { OpenSockets } from '../../support/sockets/open-sockets';
import { LONG_TIMEOUT } from '../../support/sockets/long-timeout';
import { ListeningSocket } from '../../support/sockets/listening-socket';
import { RawReader } from '../../support/kernel/raw';
import { setLink } from '../../support/kernel/link';
import { measured } from '../../support/rows/measured';
import { row } from '../../support/rows/row';
import { rejection } from '../../support/asserts/thrown';
import { SlcanAdapter } from '../../support/kernel/slcan';
import { addPair, carried, FAR, NEAR, removePair } from '../../support/kernel/vxcan';

const frame = (id: number): DataFrame => new DataFrame(29, id, new Uint8Array(8));
const numbered = (count: number): DataFrame[] => Array.from({ length: count }, (_, i) => frame(i));

/** Of an extended frame as the kernel hands it over. */
function identifier(bytes: Uint8Array): number {
  return (new Uint32Array(bytes.slice(0, 4).buffer)[0] as number) & EXTENDED_IDENTIFIER_MASK;
}

describe('Sending over changing links, refused frames, and in order', () => {
  const sockets = new OpenSockets();
  afterEach(async () => {
    await sockets.close();
    removePair();
    removeLink('vcan7');
  });

  row('T8', 'sends all frames when the link goes down with a full queue, and up again', async (seen) => {
    const queue = (rate: string) => ['tbf', 'rate', rate, 'burst', '64', 'limit', '640'];
    addPair(...queue('20kbit'));
    const socket = sockets.on(NEAR, { fd: false });
    const sending = socket.send(numbered(300), { timeoutMs: HANG_MS });
    await until(() => socket.statistics.retries > 0, 'the queue is full');
    setLink(NEAR, false);
    await until(() => socket.state === 'down', "the socket reports 'down'");
    const atDown = { sent: socket.statistics.sent, out: carried() };
    tc('qdisc', 'change', 'dev', NEAR, 'root', ...queue('1mbit'));
    setLink(NEAR, true);
    const { value, loop } = await measured(() => sending);
    expect(value).to.include({ sent: 300, expired: 0 });
    await until(() => carried() >= 300 - (atDown.sent - atDown.out), 'the rest comes out');
    const died = 300 - carried();
    expect(died).to.be.within(0, atDown.sent - atDown.out);
    seen(`300 sent; ${died} of them died in the kernel's queue when the link went down, as "sent" is queued`, loop);
  });

  row('T10', "confirms frames as 'queued' in bus-off (slcan)", async (seen) => {
    const adapter = new SlcanAdapter();
    const socket = sockets.on(adapter.interfaceName, { fd: false });
    expect(socket.confirmation).to.equal('queued');
    await adapter.say('sb256000');
    await socket.send(frame(1000), { ...LONG_TIMEOUT, confirm: true });
    const { value, loop } = await measured(() => socket.send(numbered(5), { confirm: true, timeoutMs: HANG_MS }));
    expect(value).to.include({ confirmation: 'queued', sent: 5 });
    seen(`${value.sent} sent, ${value.confirmed} confirmed as 'queued': no IFF_ECHO, no proof of the bus; ${loop}`);
    adapter.close();
  });

  row('T12', 'rejects from the first frame that the interface refuses, and sends later calls', async (seen) => {
    addVcan('vcan7', 16);
    const [socket, listener] = [sockets.on('vcan7'), new ListeningSocket('vcan7')];
    const fd = new DataFrame(11, 4, new Uint8Array(12));
    const { value: error, loop } = await measured(() =>
      rejection(socket.send([frame(1), frame(2), fd, frame(3)], LONG_TIMEOUT)),
    );
    expect(error).to.include({ code: 'ERR_SOCKETCAN_CONFIGURATION', sent: 2 });
    expect(error).to.have.property('result').that.includes({ sent: 2, refused: 2, expired: 0 });
    // Later calls are sent.
    expect(await socket.send(frame(5), LONG_TIMEOUT)).to.include({ sent: 1 });
    await listener.until(3);
    expect(listener.texts.map((text) => text.slice(0, 8))).to.deep.equal(['00000001', '00000002', '00000005']);
    await listener.close();
    seen(`2 sent and 2 refused, with the error; what was sent later went through; ${loop}`);
  });

  row('T13', 'sends ten calls at once in their order into a full queue', async (seen) => {
    addPair('netem', 'delay', '5ms', 'limit', '20');
    // It reads afterwards: receiving meanwhile would hold the event loop, too.
    const [socket, reader] = [sockets.on(NEAR), new RawReader(FAR, true, 1_000_000)];
    const calls = Array.from({ length: 10 }, (_, call) =>
      Array.from({ length: 100 }, (__, i) => frame(1000 * call + i)),
    );
    const { value, loop } = await measured(() =>
      Promise.all(calls.map((list) => socket.send(list, { timeoutMs: HANG_MS }))),
    );
    expect(value.every(({ sent }) => sent === 100)).to.equal(true);
    await until(() => carried() === 1000, 'all come out');
    const identifiers = (await reader.take(1000)).map(identifier);
    reader.close();
    expect(identifiers).to.deep.equal(calls.flat().map((each) => each.identifier));
    seen(`1000 in the order of the calls; ${loop}`);
  });

  row('T14', 'rejects a CAN FD frame to an interface of MTU 16', async (seen) => {
    addVcan('vcan7', 16);
    const socket = sockets.on('vcan7');
    const { value: error, loop } = await measured(() =>
      rejection(socket.send(new DataFrame(11, 4, new Uint8Array(12)), LONG_TIMEOUT)),
    );
    expect(error).to.include({ code: 'ERR_SOCKETCAN_CONFIGURATION', sent: 0 });
    expect(error.message).to.include('its MTU is 16');
    seen(`ERR_SOCKETCAN_CONFIGURATION, naming the MTU and the way out; ${loop}`);
  });

  row('T16', "sends an urgent frame before waiting ones with sendOrder 'priority'", async (seen) => {
    addPair('tbf', 'rate', '40kbit', 'burst', '64', 'limit', '320');
    const [socket, reader] = [sockets.on(NEAR, { fd: false, sendOrder: 'priority' }), new RawReader(FAR)];
    const bulk = socket.send(
      Array.from({ length: 200 }, (_, i) => frame(0x1000_0000 + i)),
      { timeoutMs: HANG_MS },
    );
    await until(() => socket.statistics.retries > 0, 'the queue is full');
    const { value: before, loop } = await measured(async () => {
      const { sent } = socket.statistics;
      const urgent = socket.send(frame(1), { timeoutMs: HANG_MS });
      const first = await Promise.race([urgent.then(() => 'the urgent call'), bulk.then(() => 'the other call')]);
      expect(first, 'the call that ends first').to.equal('the urgent call');
      expect(await urgent).to.include({ sent: 1 });
      expect(await bulk).to.include({ sent: 200 });
      return sent;
    });
    await until(() => carried() === 201, 'all come out');
    const identifiers = (await reader.take(201)).map(identifier);
    reader.close();
    const at = identifiers.indexOf(1);
    // Only the frames that the kernel had at the time of the call come before it.
    expect(at).to.equal(before);
    identifiers.splice(at, 1);
    expect(identifiers).to.deep.equal(Array.from({ length: 200 }, (_, i) => 0x1000_0000 + i));
    seen(`${before} frames were with the kernel; it came as number ${at + 1}, the others in order; ${loop}`);
  });

  row('T17', 'drops the waiting frames of two calls on purge(), and reports them in both', async (seen) => {
    addPair('tbf', 'rate', '10kbit', 'burst', '64', 'limit', '320');
    const socket = sockets.on(NEAR, { fd: false });
    let purged = 0;
    const { value: results, loop } = await measured(async () => {
      const sending = [socket.send(numbered(1000), LONG_TIMEOUT), socket.send(numbered(50), LONG_TIMEOUT)];
      await until(() => socket.statistics.retries > 0, 'the queue is full');
      purged = socket.purge();
      return Promise.all(sending);
    });
    const sent = results.reduce((sum, result) => sum + result.sent, 0);
    expect(results.reduce((sum, result) => sum + result.purged, 0)).to.equal(purged);
    for (const result of results) expect(result.purged).to.be.greaterThan(0);
    expect(sent + purged).to.equal(1050);
    await until(() => carried() === sent, 'the frames sent before come out');
    expect(socket.statistics).to.include({ sent, purged, expired: 0 });
    seen(`${sent} sent, ${purged} dropped and reported, both calls ended; ${loop}`);
  });
});
