import { expect } from 'chai';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SocketCANMedia } from '../../src';
import { after, canutil, descriptors, threads, Traffic, until } from '../support/guest';
import { envelopes, ListeningMedia } from '../support/media';
import { RawWriter } from '../support/raw';

describe('Closing a SocketCANMedia', () => {
  it('calls no handler afterwards though frames go on arriving', async () => {
    const neighbour = new RawWriter('vcan0');
    for (let round = 0; round < 10; round++) {
      let closed = false;
      let early = 0;
      let late = 0;
      const media = new SocketCANMedia('vcan0', 64);
      media.start(() => {
        if (closed) late++;
        else early++;
      }, false);
      const burst = (): void => {
        for (let i = 0; i < 200; i++) neighbour.writeFrame(i, 8);
      };
      while (early === 0) {
        burst();
        await sleep(1);
      }
      burst();
      const closing = media.close();
      closed = true;
      burst();
      await closing;
      await sleep(5);
      expect(late, `round ${round}`).to.equal(0);
    }
    neighbour.close();
  });

  it('ends within a handler, which is not called for the rest of what it had waiting', async () => {
    const neighbour = new RawWriter('vcan0');
    const media = new SocketCANMedia('vcan0', 64);
    let calls = 0;
    let closing: Promise<void> | undefined;
    media.start(() => {
      calls++;
      closing = media.close();
    }, false);
    for (let i = 0; i < 2000; i++) neighbour.writeFrame(i % 2048, 8);
    await until(() => closing !== undefined, 'the handler is called');
    await closing;
    expect(calls).to.equal(1);
    neighbour.close();
  });

  it('gives back descriptors and threads, 200 times under traffic', async () => {
    const traffic = new Traffic('vcan1', 1);
    try {
      // The first cycle makes what stays, in this thread and in mocha.
      await cycle();
      const before = { descriptors: descriptors(), threads: threads() };
      for (let i = 0; i < 200; i++) await cycle();
      expect({ descriptors: descriptors(), threads: threads() }).to.deep.equal(before);
    } finally {
      await traffic.stop();
    }

    async function cycle(): Promise<void> {
      const listener = new ListeningMedia('vcan1', 64);
      await listener.until(1);
      await listener.close();
    }
  }).timeout(120_000);

  it('rejects a send that waits, with the number of frames already handed over', async () => {
    const media = new SocketCANMedia('vcan0', 64);
    await media.send(envelopes(false, '123#'), after(100));
    await media.close();
    const error = await media.send(envelopes(false, '123#'), after(100)).then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    expect(error).to.include({ code: 'ERR_SOCKETCAN_CLOSED', interface: 'vcan0' });
    expect(() => {
      media.start(() => undefined, false);
    }).to.throw(/closed/);
  });

  it('leaves other media on the same thread alone', async () => {
    const first = new ListeningMedia('vcan0', 64);
    const second = new ListeningMedia('vcan0', 64);
    await canutil('cansend', 'vcan0', '123#01');
    await first.until(1);
    await second.until(1);
    await first.close();
    await canutil('cansend', 'vcan0', '123#02');
    await second.until(2);
    expect(first.texts).to.deep.equal(['123#01']);
    await second.close();
  });
});

describe('A handler of SocketCANMedia that throws', () => {
  it('is reported as an error event, and reception goes on', async () => {
    const media = new SocketCANMedia('vcan0', 64);
    const errors: Error[] = [];
    media.on('error', (error) => errors.push(error));
    let calls = 0;
    media.start(() => {
      calls++;
      throw new Error('mine');
    }, false);
    await canutil('cansend', 'vcan0', '123#01');
    await until(() => calls === 1, 'the first call');
    await canutil('cansend', 'vcan0', '123#02');
    await until(() => calls === 2, 'the second call');
    expect(errors).to.have.lengthOf(2);
    expect(errors[0]).to.include({ code: 'ERR_SOCKETCAN_HANDLER', interface: 'vcan0' });
    expect((errors[0]?.cause as Error).message).to.equal('mine');
    expect(media.state).to.equal('up');
    await media.close();
  });

  it('is a process warning where nobody listens to errors', async () => {
    const media = new SocketCANMedia('vcan0', 64);
    media.start(() => {
      throw new Error('mine');
    }, false);
    const warning = once(process, 'warning');
    await canutil('cansend', 'vcan0', '123#01');
    const [reason] = (await warning) as [Error];
    expect(reason.message).to.match(/unhandled exception in the receive handler; lost frames: 1/);
    await media.close();
  });
});
