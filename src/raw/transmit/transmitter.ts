import type { Clock } from '../../clock';
import { invalidArgument } from '../../errors';
import { DataFrame } from '../../frame/data-frame';
import type { Frame } from '../../frame/frame';
import type { RawConnection } from '../connection';
import type { RawState } from '../endpoint';
import { refusal } from './refusal';
import type { AcceptanceFilters } from '../filters/acceptance';
import type { CheckedOptions } from '../options';
import type { Counters } from '../statistics';
import type { Echoes } from '../receive/echoes';
import { BATCH, FrameBatch } from './frame-batch';
import { isPlain, type CheckedSend, type SendOptions } from './send-options';
import type { Job } from '../../channel/transmit/job';
import { TransmitQueue } from '../../channel/transmit/queue';
import type { SendResult } from '../../send-result';
import type { Selection } from '../../channel/transmit/selection';
import { sharedTurns, type Turns } from '../../channel/transmit/turns';

/** The sending side of a socket: its queue, the memory of its batches, and the echoes of sent frames. */
export class Transmitter {
  readonly #connection: RawConnection;
  readonly #state: RawState;
  readonly #filters: AcceptanceFilters;
  readonly #echoes: Echoes;
  readonly #options: CheckedOptions;
  readonly #counters: Counters;
  readonly #batch = new FrameBatch();
  readonly #queue: TransmitQueue;
  readonly #clock: Clock;
  /** When the current batch was sent (monotonic ns). */
  #handedNs = 0n;

  constructor(
    connection: RawConnection,
    state: RawState,
    filters: AcceptanceFilters,
    echoes: Echoes,
    options: CheckedOptions,
    counters: Counters,
    turns: Turns = sharedTurns,
  ) {
    this.#connection = connection;
    this.#state = state;
    this.#filters = filters;
    this.#echoes = echoes;
    this.#options = options;
    this.#counters = counters;
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

  /** @throws {TypeError | RangeError} before anything is sent */
  send(call: CheckedSend): Promise<SendResult> {
    if (!this.#options.fd) checkClassic(call);
    this.#prepareEchoes(call);
    const confirmation = call.confirm ? this.#connection.endpoint?.confirmation() : undefined;
    return this.#queue.send(call, call.confirm ? (confirmation ?? 'queued') : undefined);
  }

  /**
   * Sends one data frame without the queue, which halves the work of a call. Returns undefined when the call needs
   * the queue (an option, other frames, a waiting call) or when the kernel does not accept the frame.
   */
  sendNow(frame: unknown, options: SendOptions): SendResult | undefined {
    if (!(frame instanceof DataFrame) || (frame.fd && !this.#options.fd)) return undefined;
    // The queue must know a frame whose echo comes back.
    if (this.#state.receiveOwn || !isPlain(options) || !this.#queue.canHand) return undefined;
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
    if (!this.#state.receiveOwn || !this.#options.loopback) return;
    const frame = job.frames[index] as Frame;
    // A frame whose echo the filters reject would wait for ever, and later echoes would confirm it.
    if (!this.#filters.letsIn(frame)) return;
    const confirms = job.confirms ? job : undefined;
    this.#echoes.expect({ frame, wanted: job.wants(index), confirms, index, atNs: this.#handedNs });
  }

  /** Makes the kernel return sent frames, and adds filters for the requested echoes. */
  #prepareEchoes({ list, echo, confirm }: CheckedSend): void {
    if (list.length === 0 || (!confirm && echo === false)) return;
    const wanted = list.filter((_, index) => confirm || (typeof echo === 'boolean' ? echo : echo[index] === true));
    if (wanted.length === 0) return;
    if (!this.#options.loopback) {
      throw invalidArgument(
        new TypeError('A socket with the option loopback false has no echoes to ask for'),
        'ERR_SOCKETCAN_INVALID_OPTION',
      );
    }
    if (confirm) this.#connection.receive(false);
    if (!this.#state.receiveOwn) {
      // It stays on, see Echoes.
      this.#connection.endpoint?.setReceiveOwn(true);
      this.#state.receiveOwn = true;
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
