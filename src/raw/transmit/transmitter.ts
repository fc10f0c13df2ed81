import type { Batch } from '../../channel/transmit/batch';
import type { Job } from '../../channel/transmit/job';
import { TransmitQueue } from '../../channel/transmit/queue';
import type { SendRequest } from '../../channel/transmit/send-request';
import { sharedTurnBudget, type TurnBudget } from '../../channel/transmit/turn-budget';
import type { Clock } from '../../clock';
import { DataFrame } from '../../frame/data-frame';
import type { Frame } from '../../frame/frame';
import { sendSyscall } from '../../libc/message';
import { INVALID_FRAME, INVALID_OPTION } from '../../options/invalid';
import type { SendResult } from '../../send-result';
import type { RawConnection } from '../connection';
import type { RawState } from '../endpoint';
import type { AcceptanceFilters } from '../filters/acceptance';
import type { CheckedOptions } from '../options';
import type { Echoes } from '../receive/echoes';
import type { Counters } from '../statistics';
import { BATCH_SIZE, FrameBatch } from './frame-batch';
import { rankOf } from './order';
import { sendError } from './send-error';
import { isPlain, type SendOptions } from './send-options';

/** The sending side of a socket: its queue, the memory of its batches, and the echoes of sent frames. */
export class Transmitter {
  readonly #connection: RawConnection;
  readonly #state: RawState;
  readonly #filters: AcceptanceFilters;
  readonly #echoes: Echoes;
  readonly #options: CheckedOptions;
  readonly #counters: Counters;
  readonly #memory = new FrameBatch();
  readonly #queue: TransmitQueue<Frame>;
  readonly #clock: Clock;
  /** When the current batch was sent (monotonic ns). */
  #sentNs = 0n;

  constructor(
    connection: RawConnection,
    state: RawState,
    filters: AcceptanceFilters,
    echoes: Echoes,
    options: CheckedOptions,
    counters: Counters,
    turnBudget: TurnBudget = sharedTurnBudget,
  ) {
    this.#connection = connection;
    this.#state = state;
    this.#filters = filters;
    this.#echoes = echoes;
    this.#options = options;
    this.#counters = counters;
    this.#clock = turnBudget.clock;
    this.#queue = new TransmitQueue<Frame>(
      {
        batchSize: BATCH_SIZE,
        send: (batch) => this.#sendBatch(batch),
        onSent: (job, index) => {
          this.#expectEcho(job, index);
        },
        sendError: (errno, batch, result) => this.#sendError(errno, batch, result),
      },
      counters,
      rankOf(options.sendOrder),
      turnBudget,
    );
  }

  /** @throws {TypeError | RangeError} before anything is sent */
  send(request: SendRequest<Frame>): Promise<SendResult> {
    if (!this.#options.canFD) checkClassic(request);
    this.#prepareEchoes(request);
    const confirmation = request.confirm ? (this.#connection.endpoint?.confirmation() ?? 'queued') : undefined;
    return this.#queue.send(request, confirmation);
  }

  /**
   * Sends one data frame without the queue, which halves the work of a call. Returns undefined when the call needs
   * the queue (an option, other frames, a waiting call) or when the kernel does not accept the frame.
   */
  sendNow(frame: unknown, options: SendOptions): SendResult | undefined {
    if (!(frame instanceof DataFrame) || (frame.fd && !this.#options.canFD)) return undefined;
    // The queue must know a frame whose echo comes back.
    if (this.#state.receiveOwn || !isPlain(options) || !this.#queue.canBypass) return undefined;
    this.#memory.set(0, frame);
    if (this.#connection.send(this.#memory, 1) !== 1) return undefined;
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

  #sendBatch(batch: Batch<Frame>): number {
    const { count } = batch;
    for (let place = 0; place < count; place++) this.#memory.set(place, batch.item(place));
    this.#sentNs = this.#clock.now();
    return this.#connection.send(this.#memory, count);
  }

  #sendError(errno: number, batch: Batch<Frame>, result: SendResult): Error {
    const { interfaceName, endpoint } = this.#connection;
    const syscall = sendSyscall(batch.count);
    return sendError({ errno, syscall, frame: batch.item(0), interfaceName, mtu: endpoint?.mtu() }, result);
  }

  #expectEcho(job: Job<Frame>, index: number): void {
    if (!this.#state.receiveOwn || !this.#options.loopback) return;
    const frame = job.items[index] as Frame;
    // A frame whose echo the filters reject would wait forever, and later echoes would confirm it.
    if (!this.#filters.kernelAccepts(frame)) return;
    const confirms = job.confirms ? job : undefined;
    this.#echoes.expect({ frame, wanted: job.wantsEcho(index), confirms, index, atNs: this.#sentNs });
  }

  /** Makes the kernel return sent frames, and adds filters for the requested echoes. */
  #prepareEchoes({ items, echo, confirm }: SendRequest<Frame>): void {
    if (items.length === 0 || (!confirm && echo === false)) return;
    const wanted = items.filter((_, index) => confirm || (typeof echo === 'boolean' ? echo : echo[index] === true));
    if (wanted.length === 0) return;
    if (!this.#options.loopback) {
      throw INVALID_OPTION.type('The options echo and confirm need a socket with loopback: pass loopback: true to it');
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

function checkClassic({ items }: SendRequest<Frame>): void {
  const index = items.findIndex((frame) => frame instanceof DataFrame && frame.fd);
  if (index < 0) return;
  const frame = String(items[index]);
  throw INVALID_FRAME.range(`Frame ${index} (${frame}) is CAN FD: pass fd: true to the socket, or send classic frames`);
}
