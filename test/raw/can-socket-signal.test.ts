import { expect } from 'chai';
import { getEventListeners, once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { CANSocket, DataFrame } from '../../src';
import { openDescriptors } from '../support/processes/process';
import { rejection, thrown } from '../support/asserts/thrown';
import { keepThread, newBus } from '../virtual/probe';

const frame = new DataFrame(11, 0x123, new Uint8Array(2));
const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('the AbortSignal of a CANSocket', () => {
  keepThread();

  it('closes the socket', async () => {
    const descriptors = openDescriptors();
    const controller = new AbortController();
    const bus = newBus();
    const socket = new CANSocket(bus.interfaceName, { signal: controller.signal });
    expect(socket.state).to.equal('up');
    expect(listeners(controller.signal)).to.equal(1);
    const closed = once(socket, 'close');
    controller.abort();
    expect(socket.state).to.equal('closed');
    await closed;
    expect(openDescriptors()).to.deep.equal(descriptors);
    expect(bus.nodes).to.equal(0);
    expect(listeners(controller.signal)).to.equal(0);
    expect(await rejection(socket.send(frame))).to.have.property('code', 'ERR_SOCKETCAN_CLOSED');
  });

  it("closes the socket at once when it was aborted earlier, and 'close' follows", async () => {
    const descriptors = openDescriptors();
    const signal = AbortSignal.abort();
    const bus = newBus();
    const socket = new CANSocket(bus.interfaceName, { signal });
    expect(socket.state).to.equal('closed');
    await once(socket, 'close');
    await socket.close();
    expect(thrown(() => socket.frames())).to.have.property('code', 'ERR_SOCKETCAN_CLOSED');
    expect(socket.statistics).to.include({ sent: 0, received: 0, dropped: 0 });
    expect(openDescriptors()).to.deep.equal(descriptors);
    expect(bus.nodes).to.equal(0);
  });

  it('has no listener after close()', async () => {
    const controller = new AbortController();
    const socket = new CANSocket(newBus().interfaceName, { signal: controller.signal });
    const closing = socket.close();
    expect(listeners(controller.signal)).to.equal(0);
    controller.abort();
    await closing;
  });

  it('closes several sockets that receive, each once', async () => {
    const bus = newBus();
    const controller = new AbortController();
    const closes: number[] = [];
    const sockets = [0, 1, 2].map((number) => {
      const socket = new CANSocket(bus.interfaceName, { signal: controller.signal });
      socket.on('close', () => closes.push(number));
      socket.on('frames', () => {
        controller.abort();
      });
      return socket;
    });
    bus.inject(frame);
    await Promise.all(sockets.map((socket) => once(socket, 'close')));
    for (let i = 0; i < 3; i++) await turn();
    expect(closes.sort()).to.deep.equal([0, 1, 2]);
    const received = sockets.reduce((sum, { statistics }) => sum + statistics.received, 0);
    expect(received, 'no frame after the first listener has aborted').to.equal(1);
  });
});

describe('the AbortSignal of a send of a CANSocket', () => {
  keepThread();

  it('ends a wait for the link with the number of sent frames, and the next call continues', async () => {
    const bus = newBus();
    await using socket = new CANSocket(bus.interfaceName);
    bus.down();
    const controller = new AbortController();
    const { signal } = controller;
    const first = rejection(socket.send([frame, frame], { timeoutMs: 60_000, signal }));
    const second = socket.send(frame, { timeoutMs: 60_000 });
    await turn();
    controller.abort('changed my mind');
    expect(await first).to.include({ code: 'ABORT_ERR', sent: 0, cause: 'changed my mind' });
    bus.up();
    expect(await second).to.include({ sent: 1, expired: 0 });
    expect(socket.statistics).to.include({ sent: 1, aborted: 2, expired: 0, refused: 0 });
    expect(listeners(signal)).to.equal(0);
  });

  it('is refused when it is not an AbortSignal, before any frame is sent', async () => {
    await using socket = new CANSocket(newBus().interfaceName);
    const error = await rejection(socket.send(frame, { signal: {} as AbortSignal }));
    expect(error).to.be.instanceOf(TypeError);
    expect(error).to.have.property('code', 'ERR_SOCKETCAN_INVALID_OPTION');
    expect(socket.statistics.sent).to.equal(0);
  });

  it('does not hide that the signal of the socket closed it: the waiting send rejects with ERR_SOCKETCAN_CLOSED', async () => {
    const bus = newBus();
    bus.down();
    const controller = new AbortController();
    const { signal } = controller;
    const socket = new CANSocket(bus.interfaceName, { signal });
    const waiting = rejection(socket.send(frame, { timeoutMs: 60_000 }));
    controller.abort();
    expect(await waiting).to.include({ code: 'ERR_SOCKETCAN_CLOSED', sent: 0 });
    expect(socket.statistics).to.include({ refused: 1, aborted: 0 });
    await socket.close();
  });

  it('counts each frame once when the same signal closes the socket', async () => {
    const bus = newBus();
    bus.down();
    const controller = new AbortController();
    const { signal } = controller;
    const socket = new CANSocket(bus.interfaceName, { signal });
    const waiting = rejection(socket.send([frame, frame], { timeoutMs: 60_000, signal }));
    controller.abort();
    expect((await waiting)['sent']).to.equal(0);
    const { sent, expired, refused, aborted } = socket.statistics;
    expect([sent, expired, refused + aborted]).to.deep.equal([0, 0, 2]);
    await socket.close();
  });
});
