import { DataFrame } from '../../frame/data-frame';
import { ErrorFrame } from '../../frame/error-frame';
import type { Frame } from '../../frame/frame';
import type { Timestamp } from '../timestamp';

/** Sent frames remembered at most: the echoes of a longer queue than this would not be told apart. */
const LIMIT = 65_536;

/** Who waits for the echo of a frame. */
export interface Confirmable {
  /**
   * The frame of this index has come back, at this time; or it will not: undefined.
   */
  echoed(index: number, at: Timestamp | undefined): void;
}

/** A frame that was handed to the kernel. */
export interface Sent {
  readonly frame: Frame;
  /** Whether it is to be received when it comes back. */
  readonly wanted: boolean;
  /** Whose frame of which index it is, if that is to be told. */
  readonly confirms: Confirmable | undefined;
  readonly index: number;
  /** When it was handed over, monotonic ns. */
  readonly atNs: bigint;
}

/** Whether the kernel's echo can be of the frame that was sent. */
function same(echo: Frame, sent: Frame): boolean {
  if (echo instanceof ErrorFrame || sent instanceof ErrorFrame) return false;
  if (echo.identifier !== sent.identifier || echo.format !== sent.format) return false;
  if (!(echo instanceof DataFrame)) return !(sent instanceof DataFrame);
  if (!(sent instanceof DataFrame)) return false;
  const a = echo.data;
  const b = sent.data;
  if (echo.fd !== sent.fd || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * The frames that were handed to the kernel, in order, waiting for their echoes.
 *
 * CAN_RAW_RECV_OWN_MSGS is looked at when the driver returns a frame, not when it is sent: toggled
 * frame by frame, as the reference does it, it loses the echoes of a real controller (23 of 50,
 * measured). Here it stays on, and echoes are matched first in, first out. A frame that died in a
 * queue (link down) has no echo; it is passed over when the echo of a later one arrives.
 *
 * Of equal frames the oldest is taken: when the echo of one was lost and neither the link nor a drop count
 * told of it, each later one is confirmed by the echo before its own, until a frame that differs comes back.
 * A driver that returns frames in another order than they were sent has some of them unconfirmed.
 *
 * One case stays: a frame sent before the first request, still in the driver's queue at that moment
 * and equal to the one asked for, is taken for it when it comes back, a little early.
 */
export class Echoes {
  #sent: Sent[] = [];
  #first = 0;

  /** Frames without an echo so far. */
  get pending(): number {
    return this.#sent.length - this.#first;
  }

  /** What has been sent will not come back: its interface is gone. */
  clear(): void {
    const lost = this.#sent.slice(this.#first);
    this.#sent = [];
    this.#first = 0;
    for (const { confirms, index } of lost) confirms?.echoed(index, undefined);
  }

  /**
   * What was handed over before this time, monotonic ns, is not waited for any more: the link went down, or
   * frames were dropped on reception, and its echoes may be lost. Else the echo of a later frame that is
   * equal would be taken for a lost one for ever.
   */
  giveUp(beforeNs: bigint): void {
    while (this.pending > 0 && (this.#sent[this.#first] as Sent).atNs < beforeNs) this.#pass();
  }

  /** To be called in the order the kernel took the frames. */
  expect(sent: Sent): void {
    if (this.pending >= LIMIT) this.#pass();
    this.#sent.push(sent);
    if (this.#first > 1024 && this.#first * 2 > this.#sent.length) {
      this.#sent = this.#sent.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Finds the frame this is the echo of, and tells who waits for it. Undefined: none that is known. */
  match(echo: Frame, at: Timestamp): Sent | undefined {
    for (let i = this.#first; i < this.#sent.length; i++) {
      const sent = this.#sent[i] as Sent;
      if (!same(echo, sent.frame)) continue;
      while (this.#first < i) this.#pass();
      this.#first = i + 1;
      sent.confirms?.echoed(sent.index, at);
      return sent;
    }
    return undefined;
  }

  /** The oldest frame will not come back any more. */
  #pass(): void {
    const { confirms, index } = this.#sent[this.#first++] as Sent;
    confirms?.echoed(index, undefined);
  }
}
