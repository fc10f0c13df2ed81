import { expect } from 'chai';
import { inspect } from 'node:util';
import { CANSocket, DataFrame, FrameFormat, SocketCANMedia, VirtualBus, type SocketCANMediaOptions } from '../../src';
import { ThreadPoller } from '../../src/poller/thread-poller';
import { until } from '../support/waiting/until';
import { rejection, thrown, wrong } from '../support/asserts/thrown';

describe('A SocketCANMedia on a bus', () => {
  const bus = VirtualBus.get('media');
  let media: SocketCANMedia;
  beforeEach(() => {
    bus.reset();
    media = new SocketCANMedia(bus.interfaceName, 64);
  });
  afterEach(() => media.close());

  it('rejects a second start(), and keeps the first handler', async () => {
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
    await until(() => seen.length > 0, 'the frame');
    expect(seen).to.deep.equal(['123#01']);
  });

  it('rejects arguments of a wrong type, with their name in the message', async () => {
    const starts: [call: () => unknown, message: string][] = [
      [
        () => {
          media.start(wrong('f'), false);
        },
        'The handler must be a function; found "f"',
      ],
      [
        () => {
          media.start(() => undefined, false, wrong(null));
        },
        'The error handler must be a function; found null',
      ],
      [
        () => {
          media.configureAcceptanceFilters(wrong(5));
        },
        'The configuration must be iterable; found 5',
      ],
    ];
    for (const [call, message] of starts) {
      expect(thrown(call)).to.include({ code: 'ERR_SOCKETCAN_INVALID_OPTION', name: 'TypeError', message });
    }
    const sends: [frames: unknown, deadline: unknown, message: string][] = [
      ['123#01', 0n, 'The frames must be iterable; found "123#01"'],
      [[], 0, 'The deadline must be a bigint; found 0'],
    ];
    for (const [frames, deadline, message] of sends) {
      const error = await rejection(media.send(wrong(frames), wrong(deadline)));
      expect(error).to.include({ code: 'ERR_SOCKETCAN_INVALID_OPTION', name: 'TypeError', message });
    }
  });

  it("receives on the event loop with poller 'loop', and by a thread otherwise", async () => {
    const byLoop = new SocketCANMedia(bus.interfaceName, 8, { poller: 'loop', coalesceMs: 5 });
    const seen: string[] = [];
    byLoop.start((frames) => {
      seen.push(...frames.map(({ frame }) => String(frame)));
    }, false);
    bus.inject(new DataFrame(FrameFormat.Base, 0x123, Uint8Array.of(1)));
    await until(() => seen.length > 0, 'the frame');
    expect(seen).to.deep.equal(['123#01']);
    expect(ThreadPoller.counters, 'no poller thread').to.equal(undefined);
    await byLoop.close();
    media.start(() => undefined, false);
    expect(ThreadPoller.counters, 'a poller thread').to.not.equal(undefined);
  });

  it('rejects an unknown poller, and a coalescing time out of range', () => {
    const cases: SocketCANMediaOptions[] = [{ poller: wrong('fiber') }, { coalesceMs: 101 }];
    for (const options of cases) {
      const error = thrown(() => new SocketCANMedia(bus.interfaceName, 8, options));
      expect(error).to.be.instanceOf(RangeError);
      expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_OPTION');
    }
  });

  it('formats itself like pycyphal', () => {
    expect(inspect(media)).to.equal("SocketCANMedia('virtual:media', mtu=64)");
    expect(String(media)).to.equal(inspect(media));
  });

  it('returns itself from ref() and unref()', () => {
    expect(media.unref()).to.equal(media);
    expect(media.ref()).to.equal(media);
  });
});

describe('A CANSocket on a bus', () => {
  it('reports the granted receive buffer: twice the requested size, see socket(7)', async () => {
    const socket = new CANSocket('virtual:media', { receiveBufferSize: 65_536 });
    expect(socket.receiveBufferSize).to.equal(131_072);
    await socket.close();
  });
});
