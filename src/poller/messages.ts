/** What the two sides of the poller say to each other, and the memory they share. */

/** Main thread to poller thread; read after a wake of the control eventfd. */
export type Command =
  | {
      readonly kind: 'add';
      readonly id: number;
      readonly fd: number;
      readonly ring: SharedArrayBuffer;
      readonly sinceNs: bigint;
      readonly coalesceMs: number;
    }
  | { readonly kind: 'remove'; readonly id: number }
  /** Say when all that the socket holds now is in its ring. */
  | { readonly kind: 'drain'; readonly id: number; readonly ticket: number }
  | { readonly kind: 'stop' };

/** Poller thread to main thread. */
export type Report =
  /** Functions are declared, the loop begins. */
  | { readonly kind: 'ready' }
  /**
   * There are records in some ring; only where there is no {@link ThreadData.bell}. Sent once until the main thread
   * has lowered {@link Shared.wake}.
   */
  | { readonly kind: 'wake' }
  /** Receiving failed with this positive error number; what was received before is in the ring. */
  | {
      readonly kind: 'fault';
      readonly id: number;
      readonly errno: number;
      readonly monotonicNs: bigint;
      /** The thread has given the socket up: nothing will be received any more. */
      readonly final: boolean;
    }
  /** All that the socket held when this was asked for is in its ring, and its errors are told. */
  | { readonly kind: 'drained'; readonly id: number; readonly ticket: number }
  /** The thread will not touch this descriptor again. */
  | { readonly kind: 'removed'; readonly id: number };

/** The thread's workerData. */
export interface ThreadData {
  /** The control eventfd. */
  readonly control: number;
  /** The eventfd that wakes the main thread; undefined: a message does. */
  readonly bell: number | undefined;
  readonly shared: SharedArrayBuffer;
}

/** Indices into the shared Int32Array. */
export const Shared = {
  /** 0 while the thread starts, 1 from the moment it can be ended at any time. */
  ready: 0,
  /** 1: end, whatever the messages say. The exit hook's way: no message is read any more by then. */
  stop: 1,
  /** 1: a wake is on its way to the main thread. */
  wake: 2,
  /** Calls of poll(2), of recvmmsg(2), and wakes of the main thread, modulo 2**32: what a test may bound. */
  polls: 3,
  reads: 4,
  wakes: 5,
  length: 6,
} as const;
