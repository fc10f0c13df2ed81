import { clock_gettime } from '../libc/clock';
import { CLOCK_MONOTONIC } from '../libc/constants';
import { EAGAIN, EBADF, ENODEV, ENXIO } from '../libc/errno';
import type { ClockOffset } from './clock-offset';
import { Receiver, receiverCalls } from './receiver';
import type { Ring } from './ring';

/** Batches that are read from one socket before the next socket has its turn. */
const BATCHES_IN_TURN = 16;

/** After this many errors in a row, without a packet or an empty queue in between, the socket is not read again. */
const ERRORS_IN_A_ROW = 8;

/**
 * Error numbers after which no packet can follow, whatever the protocol. After any other error the poller reads on,
 * until the owner of the socket removes it: `channel/socket-errors.ts` lists more errors after which a CAN socket is
 * useless.
 */
const UNREADABLE: ReadonlySet<number> = new Set([EBADF, ENODEV, ENXIO]);

/** Reports of a polled socket, in the order of the events. */
export interface PolledSocketListener {
  /** The ring has records that were not reported yet. */
  onRecords(): void;
  /** Receiving failed with a positive error number. All packets queued before the error are reported. */
  onError(errno: number, monotonicNs: bigint, final: boolean): void;
  /** All packets and errors that the socket held when it got this ticket are reported. */
  onDrained(ticket: number): void;
}

/** One receiving socket of either poller: its ring, its pending errors and its pending drains. */
export class PolledSocket {
  readonly ring: Ring;
  /** Packets of the last {@link read}. */
  packets = 0;
  /** Calls of recvmmsg(2) so far. */
  calls = 0;
  readonly #batchesPerReport: number;
  readonly #receiver: Receiver;
  readonly #listener: PolledSocketListener;
  /** Errors to report after the packets that were queued before them. */
  #pendingErrors: { readonly errno: number; readonly monotonicNs: bigint }[] = [];
  #pendingDrains: number[] = [];
  /** Errors in a row, without a packet or an empty socket in between. */
  #errors = 0;
  /** Whether reading has ended for good. */
  #dead = false;
  /** The ring has records that were not reported yet. */
  #unreported = false;

  /**
   * @param batchesPerReport batches in one report; the first batch is reported at once
   * @param calls the system calls that it makes
   */
  constructor(
    fd: number,
    ring: Ring,
    sinceNs: bigint,
    clock: ClockOffset,
    listener: PolledSocketListener,
    batchesPerReport: number,
    calls = receiverCalls,
  ) {
    this.#batchesPerReport = batchesPerReport;
    this.ring = ring;
    this.#receiver = new Receiver(fd, ring, sinceNs, calls, clock);
    this.#listener = listener;
  }

  /** Whether it can be read now. False after {@link end}, after a final error, and while the ring is full. */
  get readable(): boolean {
    return !this.#dead && !this.ring.stalled;
  }

  /** Whether to read it although poll(2) may report nothing. */
  get unfinished(): boolean {
    const waits = this.#pendingErrors.length > 0 || this.#pendingDrains.length > 0 || this.#receiver.hasError;
    return waits && this.readable;
  }

  /** Asks for {@link PolledSocketListener.onDrained} when everything that the socket holds now is reported. */
  drain(ticket: number): void {
    this.#pendingDrains.push(ticket);
    if (this.#dead) this.#reportPending();
  }

  /** Stops reading for good. */
  end(): void {
    this.#dead = true;
  }

  /** Handles a descriptor that is not open (POLLNVAL, EBADF). */
  handleBadDescriptor(): void {
    this.#deferError(EBADF);
    this.#reportPending();
  }

  /**
   * Reads up to 1024 packets and reports them. Returns false when the socket is no longer {@link readable}.
   *
   * The kernel returns a pending error before packets that were queued earlier. So it reads until the socket is empty
   * and reports the error afterwards. Packets that arrive until then come before the error, later ones after it.
   */
  read(): boolean {
    this.packets = 0;
    for (let batch = 0; batch < BATCHES_IN_TURN && !this.#dead; batch++) {
      if (this.ring.free === 0 && this.ring.stall()) break;
      this.calls++;
      const received = this.#receiver.receive();
      if (received > 0) {
        this.#errors = 0;
        this.packets += received;
        this.#unreported = true;
        // Reports the first batch at once, so that the main thread can begin.
        if (batch % this.#batchesPerReport === 0) this.#reportRecords();
        const awaited = this.#pendingErrors.length > 0 || this.#pendingDrains.length > 0;
        if (this.#receiver.drained && !awaited) break;
      } else if (received === -EAGAIN || received === 0) {
        this.#reportPending();
        this.#errors = 0;
        break;
      } else if (received === -EBADF) {
        this.handleBadDescriptor();
      } else {
        this.#deferError(-received);
        if (this.#errors >= ERRORS_IN_A_ROW) this.#reportPending();
      }
    }
    this.#reportRecords();
    return this.readable;
  }

  #reportRecords(): void {
    if (!this.#unreported) return;
    this.#unreported = false;
    this.#listener.onRecords();
  }

  #deferError(errno: number): void {
    this.#errors++;
    if (this.#pendingErrors.some((error) => error.errno === errno)) return;
    // There can be several: a removed interface gives ENETDOWN and then ENODEV.
    this.#pendingErrors.push({ errno, monotonicNs: clock_gettime(CLOCK_MONOTONIC) });
  }

  /** Reports the pending errors, then the finished drains. Every earlier packet is reported before them. */
  #reportPending(): void {
    this.#reportRecords();
    const errors = this.#pendingErrors;
    const drains = this.#pendingDrains;
    this.#pendingErrors = [];
    this.#pendingDrains = [];
    const tooMany = this.#errors >= ERRORS_IN_A_ROW;
    for (const [index, { errno, monotonicNs }] of errors.entries()) {
      const final = UNREADABLE.has(errno) || (tooMany && index === errors.length - 1);
      this.#dead ||= final;
      this.#listener.onError(errno, monotonicNs, final);
    }
    for (const ticket of drains) this.#listener.onDrained(ticket);
  }
}
