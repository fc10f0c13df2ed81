import type { Confirmable } from '../../channel/transmit/job';
import { DataFrame } from '../../frame/data-frame';
import { ErrorFrame } from '../../frame/error-frame';
import type { Frame } from '../../frame/frame';
import type { Timestamp } from '../../timestamp';

/** The largest number of sent frames that wait for their echoes. With more, the oldest are given up. */
const LIMIT = 65_536;

/** A frame that the kernel accepted. */
export interface SentFrame {
  readonly frame: Frame;
  /** Whether the socket delivers its echo to listeners. */
  readonly wanted: boolean;
  /** The call that waits for its confirmation, if any, and its index in that call. */
  readonly confirms: Confirmable | undefined;
  readonly index: number;
  /** When the kernel accepted it (monotonic ns). */
  readonly atNs: bigint;
}

/** Whether a frame can be the echo of a sent frame. */
function isEcho(echo: Frame, sent: Frame): boolean {
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
 * Matches echoes with the sent frames that wait for them, first in, first out.
 *
 * The kernel checks CAN_RAW_RECV_OWN_MSGS when the driver returns a frame, not when the frame is sent. pycyphal
 * switches it on and off for each frame and loses echoes of a real controller (23 of 50, measured). Here it stays on.
 * A frame that was dropped from a queue (link down) has no echo. It is skipped when the echo of a later frame arrives.
 *
 * An echo confirms the oldest of equal frames. If an echo is lost and neither the link nor a drop count reports it,
 * each equal frame is confirmed one echo too late, until a different frame comes back. If a driver returns frames in
 * another order than they were sent, some of them stay unconfirmed.
 *
 * One case remains: a frame sent before the first request can still be in the driver's queue. If it is equal to
 * a requested frame, its echo confirms the requested frame a little early.
 */
export class Echoes {
  #sent: SentFrame[] = [];
  #first = 0;

  /** The number of frames that wait for their echoes. */
  get pending(): number {
    return this.#sent.length - this.#first;
  }

  /** Gives up all waiting frames: the interface is gone. */
  clear(): void {
    const lost = this.#sent.slice(this.#first);
    this.#sent = [];
    this.#first = 0;
    for (const { confirms, index } of lost) confirms?.echoed(index, undefined);
  }

  /**
   * Gives up the frames sent before this time (monotonic ns): the link went down, or frames were dropped on
   * reception, and their echoes may be lost. Otherwise the echoes of later equal frames would confirm them.
   */
  giveUp(beforeNs: bigint): void {
    while (this.pending > 0 && (this.#sent[this.#first] as SentFrame).atNs < beforeNs) this.#giveUpOldest();
  }

  /** Adds a sent frame. Call it in the order in which the kernel accepted the frames. */
  expect(sent: SentFrame): void {
    if (this.pending >= LIMIT) this.#giveUpOldest();
    this.#sent.push(sent);
    if (this.#first > 1024 && this.#first * 2 > this.#sent.length) {
      this.#sent = this.#sent.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Returns the sent frame of an echo and confirms it; undefined: no sent frame matches. */
  match(echo: Frame, at: Timestamp): SentFrame | undefined {
    for (let i = this.#first; i < this.#sent.length; i++) {
      const sent = this.#sent[i] as SentFrame;
      if (!isEcho(echo, sent.frame)) continue;
      while (this.#first < i) this.#giveUpOldest();
      this.#first = i + 1;
      sent.confirms?.echoed(sent.index, at);
      return sent;
    }
    return undefined;
  }

  #giveUpOldest(): void {
    const { confirms, index } = this.#sent[this.#first++] as SentFrame;
    confirms?.echoed(index, undefined);
  }
}
