import type { RecordLayout } from './record';

/* The messages between the main thread and the poller thread, and the memory that they share. */

/** A message from the main thread to the poller thread, which reads it after a write to the control eventfd. */
export type Command =
  | {
      readonly kind: 'add';
      readonly id: number;
      readonly fd: number;
      readonly ring: SharedArrayBuffer;
      readonly layout: RecordLayout;
      readonly sinceNs: bigint;
      readonly coalesceMs: number;
    }
  | { readonly kind: 'remove'; readonly id: number }
  /** Asks for a `drained` report when everything that the socket holds now is in its ring. */
  | { readonly kind: 'drain'; readonly id: number; readonly ticket: number }
  | { readonly kind: 'stop' };

/** A message from the poller thread to the main thread. */
export type Report =
  /**
   * A ring has records. Only without {@link ThreadData.wakeUpFd}. Sent at most once until the main thread
   * clears {@link Shared.wake}.
   */
  { readonly kind: 'wake' } | SocketReport;

/** A report about one socket. */
export type SocketReport =
  /** Receiving failed with this positive error number. Everything received before is in the ring. */
  | {
      readonly kind: 'error';
      readonly id: number;
      readonly errno: number;
      readonly monotonicNs: bigint;
      /** The thread does not read the socket again. */
      readonly final: boolean;
    }
  /** Everything that the socket held when the drain was requested is in its ring, and its errors are reported. */
  | { readonly kind: 'drained'; readonly id: number; readonly ticket: number }
  /** The thread will not use the descriptor again. */
  | { readonly kind: 'removed'; readonly id: number };

/** The workerData of the thread. */
export interface ThreadData {
  /** The eventfd that wakes the poller thread. */
  readonly controlFd: number;
  /** The eventfd that wakes the main thread. Undefined: a message wakes it. */
  readonly wakeUpFd: number | undefined;
  readonly shared: SharedArrayBuffer;
}

/** Indices into the shared Int32Array. */
export const Shared = {
  /** 0 while the thread starts, 1 as soon as it can be stopped at any time. */
  ready: 0,
  /** 1: stop now. The exit hook sets it, because no messages arrive while the process exits. */
  stop: 1,
  /** 1: a wake-up of the main thread is under way. */
  wake: 2,
  /**
   * The numbers of poll(2) calls, recvmmsg(2) calls and wake-ups of the main thread, modulo 2**32. Tests check that
   * they stay low.
   */
  polls: 3,
  reads: 4,
  wakes: 5,
  length: 6,
} as const;
