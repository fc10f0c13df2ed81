import type { Clock } from '../../../clock';
import { CANSocket, listInterfaces } from '../../../index';
import { ALL_ERRORS } from '../../interfaces/filtered-interface';
import { isVirtual } from '../../interfaces/virtual';
import { RECEIVE_BUFFER_SIZE } from '../../receive/receive-frames';
import { Bus, type BitRates } from './model/bus';
import { Model } from './model/model';

/** How often the interfaces are listed, for the state of their controllers, in ns. */
const LIST_NS = 1e9;

/** The sockets that fill a model. */
export class Watch implements AsyncDisposable {
  readonly model: Model;
  /** Rejects when a socket fails. */
  readonly failure: Promise<never>;
  readonly #sockets: CANSocket[] = [];
  readonly #onKernel: boolean;
  readonly #clock: Clock;
  #fail: ((error: Error) => void) | undefined;
  #listedNs = -Infinity;

  /** @throws what {@link CANSocket} throws */
  constructor(interfaceNames: readonly string[], bitRates: BitRates, limit: number, clock: Clock) {
    this.#clock = clock;
    this.model = new Model(
      interfaceNames.map((name) => new Bus(name, bitRates)),
      limit,
    );
    this.#onKernel = !interfaceNames.every(isVirtual);
    this.failure = new Promise((_, reject) => {
      this.#fail = reject;
    });
    // A socket may fail after the last await.
    this.failure.catch(() => undefined);
    try {
      for (const index of interfaceNames.keys()) this.#open(index);
    } catch (error) {
      void this[Symbol.asyncDispose]();
      throw error;
    }
    this.refresh();
  }

  /** Reads what no event reports: dropped frames, links, controllers. */
  refresh(): void {
    const { model } = this;
    this.#sockets.forEach((socket, index) => {
      const bus = model.buses[index];
      if (bus === undefined) return;
      const { dropped } = socket.statistics;
      const { state } = socket;
      if (dropped === bus.dropped && state === bus.link) return;
      bus.dropped = dropped;
      bus.link = state;
      model.version++;
    });
    const nowNs = Number(this.#clock.now());
    if (!this.#onKernel || nowNs - this.#listedNs < LIST_NS) return;
    this.#listedNs = nowNs;
    const all = new Map(listInterfaces().map((each) => [each.name, each]));
    for (const bus of model.buses) {
      const listed = all.get(bus.name);
      if (listed !== undefined && bus.update(listed)) model.version++;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.close()));
  }

  #open(index: number): void {
    const socket = new CANSocket(this.model.buses[index]?.name ?? '', {
      errorMask: ALL_ERRORS,
      receiveBufferSize: RECEIVE_BUFFER_SIZE,
    });
    this.#sockets.push(socket);
    socket.on('error', (error) => {
      if (socket.state === 'closed') this.#fail?.(error);
    });
    // Makes the socket follow its link, whose state refresh() reads.
    socket.on('down', () => this.model.version++);
    socket.on('frames', (frames) => {
      this.model.add(index, frames);
    });
  }
}
