import { expect } from 'chai';
import { once } from 'node:events';
// In a project of your own: from 'socketcan-ffi'.
import { CANSocket, DataFrame, FilterConfiguration, FrameFormat, VirtualBus } from '../src';

/*
 * A test of an ECU, scripted on a bus that needs no hardware. On a bench only the
 * name changes: 'can0' in place of 'virtual:car'.
 *
 *   npm run example scripted-bus-test
 */

const REQUEST = 0x7df;
const RESPONSE = 0x7e8;
const HEARTBEAT = 0x100;

/** The unit under test: answers requests with a count, and sends a heartbeat. */
class ECU {
  readonly #socket: CANSocket;
  readonly #heartbeat: NodeJS.Timeout;
  #requests = 0;

  constructor(interfaceName: string) {
    this.#socket = new CANSocket(interfaceName, {
      filters: [new FilterConfiguration(REQUEST, 0x7ff, FrameFormat.Base)],
    });
    this.#socket.on('frames', (frames) => {
      for (const { frame } of frames) {
        if (frame instanceof DataFrame) this.#send(RESPONSE, ++this.#requests, ...frame.data);
      }
    });
    this.#heartbeat = setInterval(() => {
      this.#send(HEARTBEAT);
    }, 20);
  }

  #send(identifier: number, ...data: number[]): void {
    const frame = new DataFrame(FrameFormat.Base, identifier, Uint8Array.from(data));
    // While the link is down, frames wait for 100 ms and then expire.
    this.#socket.send(frame, { timeoutMs: 100 }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SOCKETCAN_CLOSED') throw error;
    });
  }

  async stop(): Promise<void> {
    clearInterval(this.#heartbeat);
    await this.#socket.close();
  }
}

describe('The ECU', () => {
  const bus = VirtualBus.get('car');
  let ecu: ECU;
  let tester: CANSocket;
  let seen: DataFrame[];

  beforeEach(() => {
    bus.reset();
    ecu = new ECU(bus.interfaceName);
    tester = new CANSocket(bus.interfaceName);
    seen = [];
    tester.on('frames', (frames) => {
      for (const { frame } of frames) if (frame instanceof DataFrame) seen.push(frame);
    });
  });
  afterEach(async () => {
    await tester.close();
    await ecu.stop();
  });

  const request = (identifier: number, ...data: number[]): Promise<unknown> =>
    tester.send(new DataFrame(FrameFormat.Base, identifier, Uint8Array.from(data)));

  /** The next frame with this identifier, or a failure after a minute. */
  async function next(identifier: number): Promise<DataFrame> {
    const signal = AbortSignal.timeout(60_000);
    for (;;) {
      const at = seen.findIndex((frame) => frame.identifier === identifier);
      if (at >= 0) return seen.splice(0, at + 1).at(-1) as DataFrame;
      await once(tester, 'frames', { signal });
    }
  }

  it('answers a request with its count and the data of the request', async () => {
    await request(REQUEST, 0xaa, 0xbb);
    expect(String(await next(RESPONSE))).to.equal('7E8#01AABB');
    await request(REQUEST, 0xcc);
    expect(String(await next(RESPONSE))).to.equal('7E8#02CC');
  });

  it('ignores other identifiers', async () => {
    await request(0x7de, 1);
    await request(REQUEST, 2);
    expect(String(await next(RESPONSE))).to.equal('7E8#0102');
  });

  it('sends its heartbeat', async () => {
    for (let beat = 0; beat < 5; beat++) expect((await next(HEARTBEAT)).data).to.have.length(0);
  });

  it('continues after the link was down', async () => {
    await next(HEARTBEAT);
    const down = once(tester, 'down');
    bus.down();
    await down;
    const up = once(tester, 'up');
    bus.up();
    await up;
    seen.length = 0;
    await next(HEARTBEAT);
    await request(REQUEST);
    expect(String(await next(RESPONSE))).to.equal('7E8#01');
  });

  it('answers repeated requests on a bus that loses a third of all frames', async () => {
    bus.configure({ faults: { drop: 0.3 }, seed: 7 });
    const asking = setInterval(() => void request(REQUEST), 5);
    await next(RESPONSE);
    clearInterval(asking);
  });
});
