import { DataFrame, ErrorFrame, type Frame } from '../frame';

/** Sent frames remembered at most: the echoes of a longer queue than this would not be told apart. */
const LIMIT = 65_536;

interface Sent {
  readonly frame: Frame;
  readonly wanted: boolean;
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
    this.#sent = [];
    this.#first = 0;
  }

  /** To be called in the order the kernel took the frames. */
  expect(frame: Frame, wanted: boolean): void {
    if (this.pending >= LIMIT) this.#first++;
    this.#sent.push({ frame, wanted });
    if (this.#first > 1024 && this.#first * 2 > this.#sent.length) {
      this.#sent = this.#sent.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Finds the frame this is the echo of; true when its echo was asked for. */
  match(echo: Frame): boolean {
    for (let at = this.#first; at < this.#sent.length; at++) {
      const sent = this.#sent[at] as Sent;
      if (same(echo, sent.frame)) {
        this.#first = at + 1;
        return sent.wanted;
      }
    }
    return false;
  }
}
