import type { Clock } from '../../clock';
import { invalidArgument } from '../../errors';
import { DataFrame } from '../../frame/data-frame';
import type { Frame } from '../../frame/frame';
import type { Connection } from '../connection';
import { refusal } from '../faults';
import type { AcceptanceFilters } from '../filters';
import type { CheckedOptions } from '../options';
import type { Counters } from '../statistics';
import { Echoes } from './echoes';
import { BATCH, FrameBatch } from './frame-batch';
import { isPlain, type CheckedSend, type SendOptions } from './options';
import type { Job } from './job';
import { TransmitQueue } from './queue';
import type { SendResult } from './result';
import type { Selection } from './selection';
import { sharedTurns, type Turns } from './turns';

/** The sending side of a socket: its queue, the memory it sends from, and the echoes of what was sent. */
export class Transmitter {
  readonly echoes = new Echoes();
  readonly #connection: Connection;
  readonly #filters: AcceptanceFilters;
  readonly #options: CheckedOptions;
  readonly #counters: Counters;
  readonly #batch = new FrameBatch();
  readonly #queue: TransmitQueue;
  readonly #clock: Clock;
  #receivesOwn: boolean;
  /** When the batch that is being sent was handed over, monotonic ns. */
  #handedNs = 0n;

  constructor(
    connection: Connection,
    filters: AcceptanceFilters,
    options: CheckedOptions,
    counters: Counters,
    turns: Turns = sharedTurns,
  ) {
    this.#connection = connection;
    this.#filters = filters;
    this.#options = options;
    this.#counters = counters;
    this.#receivesOwn = options.receiveOwn;
    this.#clock = turns.clock;
    this.#queue = new TransmitQueue(
      {
        batch: BATCH,
        send: (frames) => this.#hand(frames),
        onSent: (job, index) => {
          this.#sent(job, index);
        },
        refusal: (result, frame, what) =>
          refusal(result, frame, what, connection.interfaceName, connection.endpoint?.mtu()),
      },
      counters,
      options.sendOrder,
      turns,
    );
  }

  /** Whether the kernel is to return the frames that are sent; from the first request on, for good. */
  get receivesOwn(): boolean {
    return this.#receivesOwn;
  }

  /** @throws {TypeError | RangeError} before anything is sent */
  send(call: CheckedSend): Promise<SendResult> {
    if (!this.#options.fd) checkClassic(call);
    this.#prepareEchoes(call);
    const confirmation = call.confirm ? this.#connection.endpoint?.confirmation() : undefined;
    return this.#queue.send(call, call.confirm ? (confirmation ?? 'queued') : undefined);
  }

  /**
   * The short way, of a call for a data frame that nothing is asked of, in front of which nothing waits: half of the
   * work of a call is for all else. Undefined: this is no such call, or the kernel has not taken the frame.
   */
  sendNow(frame: unknown, options: SendOptions): SendResult | undefined {
    if (!(frame instanceof DataFrame) || (frame.fd && !this.#options.fd)) return undefined;
    // An echo of this frame would have to be known when it comes.
    if (this.#receivesOwn || !isPlain(options) || !this.#queue.canHand) return undefined;
    this.#batch.set(0, frame);
    if (this.#connection.send(this.#batch, 1) !== 1) return undefined;
    this.#counters.sent++;
    return { sent: 1, expired: 0, refused: 0, purged: 0, confirmed: 0 };
  }

  purge(): number {
    return this.#queue.purge();
  }

  /** The link is up again. */
  wake(): void {
    this.#queue.wake();
  }

  close(error: (result: SendResult) => Error): void {
    this.#queue.close(error);
  }

  #hand(frames: Selection): number {
    const { count } = frames;
    for (let place = 0; place < count; place++) this.#batch.set(place, frames.frame(place));
    this.#handedNs = this.#clock.now();
    return this.#connection.send(this.#batch, count);
  }

  #sent(job: Job, index: number): void {
    if (!this.#receivesOwn || !this.#options.loopback) return;
    const frame = job.frames[index] as Frame;
    // An echo that will not come would be waited for, and take the place of those that do.
    if (!this.#filters.letsIn(frame)) return;
    const confirms = job.confirms ? job : undefined;
    this.echoes.expect({ frame, wanted: job.wants(index), confirms, index, atNs: this.#handedNs });
  }

  /** Switches the kernel's echoes on, and lets those that are asked for through the acceptance filters. */
  #prepareEchoes({ list, echo, confirm }: CheckedSend): void {
    if (list.length === 0 || (!confirm && echo === false)) return;
    const wanted = list.filter(
      (_, index) => confirm || (typeof echo === 'boolean' ? echo : echo[index] === true),
    );
    if (wanted.length === 0) return;
    if (!this.#options.loopback) {
      throw invalidArgument(
        new TypeError('A socket with the option loopback false has no echoes to ask for'),
        'ERR_SOCKETCAN_INVALID_OPTION',
      );
    }
    if (confirm) this.#connection.receive(false);
    if (!this.#receivesOwn) {
      this.#connection.endpoint?.setReceiveOwn(true);
      this.#receivesOwn = true;
    }
    const added = wanted.filter((frame) => this.#filters.addEcho(frame));
    if (added.length === 0) return;
    const { bytes } = this.#filters;
    try {
      if (bytes !== undefined) this.#connection.endpoint?.setFilters(bytes);
    } catch (error) {
      this.#filters.removeEchoes(added);
      throw error;
    }
  }
}

function checkClassic({ list }: CheckedSend): void {
  const first = list.findIndex((frame) => frame instanceof DataFrame && frame.fd);
  if (first < 0) return;
  throw invalidArgument(
    new RangeError(`Frame ${first} (${String(list[first])}) is CAN FD, the socket is not`),
    'ERR_SOCKETCAN_INVALID_FRAME',
  );
}
