import { constants } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { Connection, type ConnectionListener } from '../../../src/channel/connection';
import type { Endpoint, TimestampSource } from '../../../src/channel/endpoint';
import { systemError } from '../../../src/libc/errors';
import type { Link } from '../../../src/netlink/link';
import type { Ring } from '../../../src/poller/ring';
import type { Timestamp } from '../../../src/timestamp';
import { numberOf, takeRecords, TRAILED_RECORD } from '../traffic/records';
import { TrailedPair } from '../traffic/trailed-pair';
import { FakeClock } from './clock';
import { FakeLinkSource } from './link-source';

/** The options of a socket, which an interface gets each time it is opened. */
export interface FakeOptions {
  readonly receiveBufferSize: number;
  readonly timestamps: TimestampSource;
}

/** An open interface. A local socket pair stands in for the bus. It sends strings. */
export class FakeEndpoint implements Endpoint<string> {
  readonly interfaceName = 'can0';
  readonly layout = TRAILED_RECORD;
  readonly openedNs = process.hrtime.bigint();
  readonly pair = new TrailedPair();
  /** A test can put another descriptor here, before the connection receives. */
  fd = this.pair.near;
  readonly index: number;
  readonly receiveBufferSize: number;
  readonly timestamps: TimestampSource;
  /** The messages that each call of send() offered. */
  readonly offers: string[] = [];
  /** What the next calls of send() return; after its end, the number of messages. */
  readonly answers: number[] = [];
  current: Link;
  dropped: number | undefined = 0;
  closed = false;

  constructor(index: number, link: Link, { receiveBufferSize, timestamps }: FakeOptions) {
    this.index = index;
    this.current = link;
    this.receiveBufferSize = receiveBufferSize;
    this.timestamps = timestamps;
  }

  link(): Link {
    return this.current;
  }

  mtu(): number {
    return 16;
  }

  send(outgoing: string, count: number): number {
    this.offers.push(outgoing);
    return this.answers.shift() ?? count;
  }

  drops(): number | undefined {
    return this.dropped;
  }

  close(): void {
    this.closed = true;
    this.pair[Symbol.dispose]();
  }
}

/** A connection to `can0`, whose system and whose socket the test plays. It waits for no real time. */
export class ConnectionBench implements ConnectionListener {
  readonly clock = new FakeClock();
  readonly source = new FakeLinkSource();
  /** All interfaces that were opened. */
  readonly endpoints: FakeEndpoint[] = [];
  /** The frames by number, the changes, and the codes of errors, in order. */
  readonly log: string[] = [];
  readonly errors: Error[] = [];
  /** The monotonic times of the changes, in ns. */
  readonly times: bigint[] = [];
  readonly connection: Connection<string, FakeEndpoint>;
  /** Called after each entry of the log. */
  onEntry: ((entry: string) => void) | undefined;
  options: FakeOptions = { receiveBufferSize: 1000, timestamps: 'software' };
  /** The index of the next interface to open. */
  index = 3;
  /** The link of the next interface to open. */
  link: Link = 'up';
  /** The error number of the next attempts to open the interface; 0: they succeed. */
  refusal = 0;
  readonly #waiting: { readonly entry: string; readonly resolve: () => void }[] = [];

  constructor({ reopen = true, link = 'up' }: { readonly reopen?: boolean; readonly link?: Link } = {}) {
    this.link = link;
    this.connection = new Connection<string, FakeEndpoint>(
      {
        interfaceName: 'can0',
        poller: 'loop',
        coalesceMs: 0,
        reopen,
        open: () => this.#open(),
        watchLinks: (listener) => this.source.watchLinks(listener),
      },
      this,
      this.clock,
    );
  }

  /** The interface that was opened last. */
  get endpoint(): FakeEndpoint {
    return this.endpoints.at(-1) as FakeEndpoint;
  }

  onRecords(ring: Ring): boolean {
    for (const { frame } of takeRecords(ring, 1)) {
      // An error of the pair leaves a record without a frame.
      if (frame.byteLength > 0) this.#add(String(numberOf(frame)));
    }
    return ring.available > 0;
  }

  onChange(change: Link | 'back', at: Timestamp): void {
    this.times.push(at.monotonicNs);
    this.#add(change);
  }

  onError(error: NodeJS.ErrnoException): void {
    this.errors.push(error);
    this.#add(`error ${error.code}`);
  }

  onFailure(error: NodeJS.ErrnoException): void {
    this.errors.push(error);
    this.#add(`failure ${error.code}`);
    void this.connection.close();
  }

  /** Makes attempts to follow links fail. */
  refuseSource(name: 'EMFILE' | 'EOPNOTSUPP'): void {
    this.source.refusal = systemError(-constants.errno[name], 'socket');
  }

  /** Resolves when the log has this entry. */
  until(entry: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.log.includes(entry)) resolve();
      else this.#waiting.push({ entry, resolve });
    });
  }

  /** Waits until no work is left that needs no time. Each drain of the poller takes a turn of the event loop. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < 10; turns++) await turn();
  }

  /** Ends the test: frees all descriptors. */
  async end(): Promise<void> {
    await this.connection.close();
    for (const endpoint of this.endpoints) endpoint.pair[Symbol.dispose]();
  }

  #open(): FakeEndpoint {
    if (this.refusal !== 0) throw systemError(-this.refusal, 'bind', { interface: 'can0' });
    const endpoint = new FakeEndpoint(this.index, this.link, this.options);
    this.endpoints.push(endpoint);
    return endpoint;
  }

  #add(entry: string): void {
    this.log.push(entry);
    for (const each of this.#waiting) if (each.entry === entry) each.resolve();
    this.onEntry?.(entry);
  }
}
