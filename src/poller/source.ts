import { CLOCK_MONOTONIC } from '../libc/constants';
import { clock_gettime } from '../libc/clock';
import { EAGAIN, EBADF, ENODEV, ENXIO } from '../libc/errno';
import type { ClockOffset } from './clock-offset';
import { Receiver, receiverCalls } from './receiver';
import type { Ring } from './ring';

/** Batches from one socket before the others have their turn. */
const BATCHES_IN_TURN = 16;

/** A socket that fails this often in a row, without a frame or an empty queue in between, is given up. */
const FAULTS_IN_A_ROW = 8;

/** Error numbers after which a socket never receives again. */
const FATAL: ReadonlySet<number> = new Set([EBADF, ENODEV, ENXIO]);

/** What a source tells of itself, in the order it came. */
export interface SourceListener {
  /** There are records in the ring that have not been told. */
  onRecords(): void;
  /** Receiving failed with a positive error number; all that was queued before is told. */
  onFault(errno: number, monotonicNs: bigint, final: boolean): void;
  /** All that the socket held when this ticket was handed in is told. */
  onDrained(ticket: number): void;
}

/** A socket that is received from, by whomever: its ring, its errors, and who waits for it to be empty. */
export class Source {
  readonly ring: Ring;
  /** Frames of the last {@link read}. */
  frames = 0;
  /** Calls of recvmmsg(2) so far. */
  calls = 0;
  readonly #batchesTold: number;
  readonly #receiver: Receiver;
  readonly #listener: SourceListener;
  /** Errors the kernel has handed out, to be told after the frames that were queued before them. */
  #held: { readonly errno: number; readonly monotonicNs: bigint }[] = [];
  #tickets: number[] = [];
  /** Errors in a row, without a frame or an empty socket in between. */
  #faults = 0;
  #dead = false;
  /** There are records in the ring that have not been told. */
  #untold = false;

  /**
   * @param batchesTold batches of a backlog that are told together, after the first
   * @param calls the system calls that it makes
   */
  constructor(
    fd: number,
    ring: Ring,
    sinceNs: bigint,
    clock: ClockOffset,
    listener: SourceListener,
    batchesTold: number,
    calls = receiverCalls,
  ) {
    this.#batchesTold = batchesTold;
    this.ring = ring;
    this.#receiver = new Receiver(fd, ring, sinceNs, calls, clock);
    this.#listener = listener;
  }

  /** Whether it is not to be read any more. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Whether it can be read now: not while its ring is full. */
  get open(): boolean {
    return !this.#dead && !this.ring.stalled;
  }

  /** Whether it is to be read though poll(2) may say nothing of it. */
  get unfinished(): boolean {
    const waits = this.#held.length > 0 || this.#tickets.length > 0 || this.#receiver.hasFault;
    return waits && this.open;
  }

  /** Asks to be told when all that the socket holds now is told. */
  drain(ticket: number): void {
    this.#tickets.push(ticket);
    if (this.#dead) this.#release();
  }

  /** Nothing more is read. */
  end(): void {
    this.#dead = true;
  }

  /** The descriptor is none (POLLNVAL, EBADF): no frame can follow. */
  invalid(): void {
    this.#hold(EBADF);
    this.#release();
  }

  /**
   * Reads up to 1024 frames and reports them. Returns false when the source is no longer {@link open}.
   *
   * The kernel returns a pending error before frames that were queued earlier. So it reads until the socket is
   * empty and reports the error afterwards. Frames that arrive until then come before the error, later ones after it.
   */
  read(): boolean {
    this.frames = 0;
    for (let batch = 0; batch < BATCHES_IN_TURN && !this.#dead; batch++) {
      if (this.ring.free === 0 && this.ring.stall()) break;
      this.calls++;
      const received = this.#receiver.receive();
      if (received > 0) {
        this.#faults = 0;
        this.frames += received;
        this.#untold = true;
        // With the first at once, for the main thread may begin.
        if (batch % this.#batchesTold === 0) this.#tell();
        const awaited = this.#held.length > 0 || this.#tickets.length > 0;
        if (this.#receiver.drained && !awaited) break;
      } else if (received === -EAGAIN || received === 0) {
        this.#release();
        this.#faults = 0;
        break;
      } else if (received === -EBADF) {
        this.invalid();
      } else {
        this.#hold(-received);
        if (this.#faults >= FAULTS_IN_A_ROW) this.#release();
      }
    }
    this.#tell();
    return this.open;
  }

  #tell(): void {
    if (!this.#untold) return;
    this.#untold = false;
    this.#listener.onRecords();
  }

  #hold(errno: number): void {
    this.#faults++;
    if (this.#held.some((error) => error.errno === errno)) return;
    // One after another when an interface is removed: ENETDOWN, ENODEV.
    this.#held.push({ errno, monotonicNs: clock_gettime(CLOCK_MONOTONIC) });
  }

  /** Tells the errors that were held, now that all frames before them are told, and that they are. */
  #release(): void {
    this.#tell();
    const held = this.#held;
    const tickets = this.#tickets;
    this.#held = [];
    this.#tickets = [];
    const tooMany = this.#faults >= FAULTS_IN_A_ROW;
    for (const [index, { errno, monotonicNs }] of held.entries()) {
      const final = FATAL.has(errno) || (tooMany && index === held.length - 1);
      this.#dead ||= final;
      this.#listener.onFault(errno, monotonicNs, final);
    }
    for (const ticket of tickets) this.#listener.onDrained(ticket);
  }
}
