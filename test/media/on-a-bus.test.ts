import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { inspect } from 'node:util';
import {
  CANSocket,
  DataFrame,
  FrameFormat,
  SocketCANMedia,
  VirtualBus,
  type SocketCANMediaOptions,
} from '../../src';
import { sleep } from '../support/processes/process';
import { thrown, wrong } from '../support/asserts/thrown';

describe('A SocketCANMedia on a bus', () => {
  const bus = VirtualBus.get('media');
  let media: SocketCANMedia;
  beforeEach(() => {
    bus.reset();
    media = new SocketCANMedia(bus.interfaceName, 64);
  });
  afterEach(() => media.close());

  it('is started once: a second handler is refused, and the first goes on', async () => {
    const seen: string[] = [];
    media.start((frames) => {
      seen.push(...frames.map(({ frame }) => String(frame)));
    }, false);
    const error = thrown(() => {
      media.start(() => undefined, false);
    });
    expect(error).to.include({
      code: 'ERR_SOCKETCAN_ALREADY_STARTED',
      interface: bus.interfaceName,
    });
    bus.inject(new DataFrame(FrameFormat.Base, 0x123, Uint8Array.of(1)));
    while (seen.length === 0) await sleep(5);
    expect(seen).to.deep.equal(['123#01']);
  });

  it('receives by the event loop and in groups when told to, and by a thread otherwise', async () => {
    const threads = (): number => readdirSync('/proc/self/task').length;
    const before = threads();
    const byLoop = new SocketCANMedia(bus.interfaceName, 8, { poller: 'loop', coalesceMs: 5 });
    const seen: string[] = [];
    byLoop.start((frames) => {
      seen.push(...frames.map(({ frame }) => String(frame)));
    }, false);
    bus.inject(new DataFrame(FrameFormat.Base, 0x123, Uint8Array.of(1)));
    while (seen.length === 0) await sleep(5);
    expect(seen).to.deep.equal(['123#01']);
    expect(threads()).to.equal(before);
    await byLoop.close();
    media.start(() => undefined, false);
    expect(threads()).to.be.above(before);
  });

  it('refuses a poller that is none, and a time to wait that is out of range', () => {
    const cases: SocketCANMediaOptions[] = [{ poller: wrong('fiber') }, { coalesceMs: 101 }];
    for (const options of cases) {
      const error = thrown(() => new SocketCANMedia(bus.interfaceName, 8, options));
      expect(error).to.be.instanceOf(RangeError);
      expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_OPTION');
    }
  });

  it('prints itself as the reference does', () => {
    expect(inspect(media)).to.equal("SocketCANMedia('virtual:media', mtu=64)");
    expect(String(media)).to.equal(inspect(media));
  });

  it('can be told to let the process end, and not to', () => {
    expect(media.unref()).to.equal(media);
    expect(media.ref()).to.equal(media);
  });
});

describe('A CANSocket on a bus', () => {
  it('says what receive buffer it was granted: twice what it asked for, as socket(7) has it', async () => {
    const socket = new CANSocket('virtual:media', { receiveBufferSize: 65_536 });
    expect(socket.receiveBufferSize).to.equal(131_072);
    await socket.close();
  });
});
