import { CANSocket, parseFrame, VirtualBus, type BusSettings, type Frame } from '../../src';
import { decodeFrame } from '../../src/frame/codec';
import { MSG_CONFIRM, MSG_DONTROUTE } from '../../src/libc/constants';
import { Receiver } from '../../src/poller/receiver';
import { Ring } from '../../src/poller/ring';
import type { RawEndpointOptions } from '../../src/raw/endpoint';
import { FrameBatch } from '../../src/raw/transmit/frame-batch';
import { VirtualEndpoint } from '../../src/virtual/endpoint';
import { until } from '../support/waiting/until';
import { OPTIONS } from '../support/fakes/kernel-calls';
import { takeRecords } from '../support/traffic/records';

const SLOTS = 1024;

/** A frame that a probe has received. */
export interface Arrival {
  /** Candump text; `malformed` for bytes that are no valid frame. */
  readonly text: string;
  readonly own: boolean;
  readonly local: boolean;
  /** Frames lost before it, as the kernel counts. */
  readonly drops: number;
}

/**
 * A socket of a bus with its system calls, but without a poller: frames are on the bus when send()
 * returns, and are read on request.
 */
export class Probe {
  readonly endpoint: VirtualEndpoint;
  readonly #ring: Ring;
  readonly #receiver: Receiver;
  readonly #batch = new FrameBatch();

  constructor(bus: VirtualBus, options: Partial<RawEndpointOptions> = {}) {
    this.endpoint = new VirtualEndpoint(bus.name, { ...OPTIONS, ...options });
    this.#ring = Ring.create(SLOTS, this.endpoint.layout);
    this.#receiver = new Receiver(this.endpoint.fd, this.#ring, this.endpoint.openedNs);
    open.add(this);
  }

  /** Returns the number of frames that the first call accepted, or a negative error number. */
  send(...frames: readonly (string | Frame)[]): number {
    const list = frames.map((each) => (typeof each === 'string' ? parseFrame(each) : each));
    list.forEach((frame, index) => {
      this.#batch.set(index, frame);
    });
    return this.endpoint.send(this.#batch, list.length);
  }

  /** Reads one batch. Returns the number of frames, or a negative error number. */
  receive(): number {
    return this.#receiver.receive();
  }

  /** Returns all frames since the last call. Discards the errors among them. */
  take(): Arrival[] {
    while (this.receive() > 0);
    return takeRecords(this.#ring)
      .filter(({ frame }) => frame.byteLength > 0)
      .map(({ frame, flags, drops }) => {
        const bytes = new Uint8Array(72);
        bytes.set(frame);
        const memory = { bytes, words: new Uint32Array(bytes.buffer) };
        return {
          text: String(decodeFrame(memory, 0, frame.byteLength) ?? 'malformed'),
          own: (flags & MSG_CONFIRM) !== 0,
          local: (flags & MSG_DONTROUTE) !== 0,
          drops,
        };
      });
  }

  get texts(): string[] {
    return this.take().map(({ text }) => text);
  }

  close(): void {
    if (open.delete(this)) this.endpoint.close();
  }
}

const open = new Set<Probe>();
let buses = 0;

/** Returns an unused bus. */
export function newBus(settings: BusSettings = {}): VirtualBus {
  return VirtualBus.get(`test${++buses}`).configure(settings);
}

/** Closes the probes of each test of this block after it. */
export function closeProbes(): void {
  afterEach(() => {
    for (const probe of open) probe.close();
  });
}

/** Keeps one poller thread for all tests of this block. Starting it takes longer than the tests. */
export function keepThread(): void {
  let keeper: CANSocket;
  before(async () => {
    const bus = newBus();
    let awake = false;
    keeper = new CANSocket(bus.interfaceName).on('frames', () => (awake = true));
    bus.inject(parseFrame('123#'));
    await until(() => awake, 'the thread runs');
  });
  after(() => keeper.close());
}
