import { expect } from 'chai';
import { getEventListeners } from 'node:events';
import type { ReceivedFrame } from '../../src';
import { until } from '../support/waiting/until';
import { rejection, thrown } from '../support/asserts/thrown';
import { put as putInto, type World } from './world';
import { useWorld } from './world-sockets';

const END = 0x7ff;

function idOf({ frame }: ReceivedFrame): number {
  return 'identifier' in frame ? frame.identifier : -1;
}

/** Frames one by one, for `for await`, and the AbortSignal of a socket. */
export function iteration(world: World): void {
  const open = useWorld(world);
  const put = (...ids: number[]): void => {
    putInto(world, ...ids);
  };

  /** The identifiers that a loop gets before END, where it breaks. */
  async function upToEnd(frames: AsyncIterable<ReceivedFrame>): Promise<number[]> {
    const ids: number[] = [];
    for await (const each of frames) {
      if (idOf(each) === END) break;
      ids.push(idOf(each));
    }
    return ids;
  }

  const count = (length: number): number[] => Array.from({ length }, (_, i) => i);

  it('iterates over every frame once, in order, with its time', async () => {
    const socket = open.socket();
    const times: bigint[] = [];
    const loop = (async () => {
      const ids: number[] = [];
      for await (const each of socket) {
        if (idOf(each) === END) break;
        ids.push(idOf(each));
        times.push(each.timestamp.monotonicNs);
      }
      return ids;
    })();
    put(...count(1000), END);
    expect(await loop).to.deep.equal(count(1000));
    expect(times).to.deep.equal([...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    expect(socket.statistics).to.include({ received: 1001, discarded: 0, dropped: 0 });
  });

  it('keeps frames that arrive between frames() and the first next()', async () => {
    const socket = open.socket();
    const frames = socket.frames();
    put(...count(50), END);
    await until(() => socket.statistics.received === 51, 'all are received');
    expect(await upToEnd(frames)).to.deep.equal(count(50));
  });

  it('gives every frame to each of several loops, and to each listener', async () => {
    const socket = open.socket();
    const received: number[] = [];
    socket.on('frames', (frames) => received.push(...frames.map(idOf)));
    const loops = [socket.frames(), socket.frames(), socket.frames({ limit: 1000 })].map(upToEnd);
    put(...count(300), END);
    for (const ids of await Promise.all(loops)) expect(ids).to.deep.equal(count(300));
    expect(received).to.deep.equal([...count(300), END]);
    expect(socket.statistics).to.include({ received: 301, discarded: 0 });
  });

  it('discards the newest frames over its limit, and counts them in the loop and the socket', async () => {
    const socket = open.socket();
    const [short, long] = [socket.frames({ limit: 10 }), socket.frames()];
    put(...count(100), END);
    expect(await upToEnd(long)).to.deep.equal(count(100));
    expect([short.discarded, long.discarded]).to.deep.equal([91, 0]);
    expect(socket.statistics).to.include({ received: 101, discarded: 91 });
    const rest = upToEnd(short);
    await new Promise(setImmediate); // The loop has taken all its frames, and waits.
    put(END);
    expect(await rest).to.deep.equal(count(10));
    expect(socket.statistics).to.include({ received: 102, discarded: 91 });
  });

  it('ends on break, and a new loop starts with the frames after that', async () => {
    const socket = open.socket();
    const first = upToEnd(socket);
    put(1, 2, END);
    expect(await first).to.deep.equal([1, 2]);
    expect(socket.listenerCount('frames')).to.equal(0);
    put(3);
    await until(() => socket.statistics.received === 4, 'the frame no loop waits for');
    expect(socket.statistics.discarded).to.equal(1);
    const second = upToEnd(socket);
    put(4, END);
    expect(await second).to.deep.equal([4]);
    expect(socket.state).to.equal('up');
  });

  it('ends when the socket is closed, after the waiting frames', async () => {
    const socket = open.socket();
    const frames = socket.frames();
    const waiting = socket.frames();
    put(1, 2, 3);
    await until(() => socket.statistics.received === 3, 'all are received');
    const ids = [];
    for (let i = 0; i < 3; i++) ids.push(idOf((await waiting.next()).value as ReceivedFrame));
    const next = waiting.next();
    await socket.close();
    expect(await next).to.deep.equal({ done: true, value: undefined });
    for await (const each of frames) ids.push(idOf(each));
    expect(ids).to.deep.equal([1, 2, 3, 1, 2, 3]);
    expect(thrown(() => socket.frames())).to.have.property('code', 'ERR_SOCKETCAN_CLOSED');
  });

  it('throws the failure of the socket in every loop, after the frames before it', async () => {
    const socket = open.socket({ reopen: false });
    const loops = [socket.frames(), socket.frames()];
    put(1, 2, 3);
    world.remove();
    for (const frames of loops) {
      const ids: number[] = [];
      const error = await rejection(
        (async () => {
          for await (const each of frames) ids.push(idOf(each));
        })(),
      );
      expect(ids).to.deep.equal([1, 2, 3]);
      expect(error['code']).to.be.oneOf(['ENODEV', 'ENXIO']);
      expect(await frames.next()).to.deep.equal({ done: true, value: undefined });
    }
    expect(socket.state).to.equal('closed');
  });

  it('continues after the interface was removed and added again', async () => {
    const socket = open.socket();
    let [gone, up] = [false, false];
    socket.on('gone', () => (gone = true)).on('up', () => (up = true));
    const loop = upToEnd(socket);
    put(1);
    await until(() => socket.statistics.received === 1, 'the first frame');
    world.remove();
    await until(() => gone, 'the interface is gone');
    up = false;
    world.add();
    await until(() => up, 'it is back');
    put(2, END);
    expect(await loop).to.deep.equal([1, 2]);
  });

  it('ends on its own signal, while the socket stays open', async () => {
    const socket = open.socket();
    const controller = new AbortController();
    const frames = socket.frames({ signal: controller.signal });
    const other = upToEnd(socket);
    put(1, 2);
    await until(() => socket.statistics.received === 2, 'both are received');
    controller.abort();
    expect(await rejection(frames.next())).to.include({ name: 'AbortError', code: 'ABORT_ERR' });
    expect(getEventListeners(controller.signal, 'abort')).to.have.length(0);
    put(END);
    expect(await other).to.deep.equal([1, 2]);
    expect(socket.state).to.equal('up');
  });

  it('ends when the signal of its socket closes the socket', async () => {
    const controller = new AbortController();
    const socket = open.socket({ signal: controller.signal });
    const loop = upToEnd(socket);
    controller.abort(new Error('enough'));
    expect(socket.state).to.equal('closed');
    expect(await loop).to.deep.equal([]);
    expect(getEventListeners(controller.signal, 'abort')).to.have.length(0);
  });
}
