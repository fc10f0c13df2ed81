import {
  ErrorFrame,
  type CANFilter,
  type CANSocket,
  type DataFrame,
  type ReceivedFrame,
  type RemoteFrame,
} from '../../../index';
import { failedResult } from '../../send/sent';
import { Acceptance } from './acceptance';
import { applyFDRule, takesFD, type FDRule } from './fd-rule';
import { IdentifierMap } from './identifier-map';

export interface DirectionOptions {
  /** Only what any of them passes is forwarded. Default: everything. */
  readonly filters?: readonly CANFilter[];
  /** Only what all of them pass. Default false. */
  readonly joinFilters?: boolean;
  /** Default: identifiers stay. */
  readonly map?: IdentifierMap;
  /** Default `auto`. */
  readonly fd?: FDRule;
  /** Frames that may wait for the other side; one more is dropped. Default 32,768. */
  readonly limit?: number;
  /** How long a frame may wait, in ms; then it expires. Default 1000. */
  readonly timeoutMs?: number;
}

/** received = forwarded + filtered + expired + refused + dropped + waiting, at any time. */
export interface DirectionStatistics {
  /** Data and remote frames that came to this side; none of them sent by the bridge itself. */
  readonly received: number;
  /** Handed to the kernel on the other side. */
  readonly forwarded: number;
  /** Not passed by the filters. */
  readonly filtered: number;
  /** Had waited too long for the other side: its queue was full, or its link down. */
  readonly expired: number;
  /** Not taken by the other side's kernel, for good. */
  readonly refused: number;
  /** Too many waited, or a CAN FD frame for a side without. */
  readonly dropped: number;
  /** Those of the dropped that were CAN FD. */
  readonly droppedFD: number;
  /** Not decided yet; 0 at the end. */
  readonly waiting: number;
  /** Lost before the bridge had them: the receive buffer was full. Not among the received. */
  readonly lost: number;
}

type Forwardable = DataFrame | RemoteFrame;

/** Frames that came together. */
interface Chunk {
  readonly frames: readonly Forwardable[];
  readonly deadlineNs: bigint;
}

/** What the bridge's loop guard sees of a direction. */
export interface DirectionEvents {
  readonly onReceived?: (frame: Forwardable) => void;
  readonly onForward?: (frame: Forwardable) => void;
}

/**
 * Frames that may wait by default: 10 MB or so. A burst that the event loop has received and not had the
 * time to send is no reason to drop anything.
 */
export const LIMIT = 32_768;
const TIMEOUT_MS = 1000;

/**
 * Forwards what one socket receives through another, in its order. Frames that wait for the other side
 * are bounded in number and in time, and every frame is counted as exactly one thing.
 */
export class Direction {
  readonly #from: CANSocket;
  readonly #to: CANSocket;
  readonly #acceptance: Acceptance;
  readonly #map: IdentifierMap;
  readonly #fd: FDRule;
  readonly #limit: number;
  readonly #timeoutNs: bigint;
  readonly #events: DirectionEvents;
  readonly #queue: Chunk[] = [];
  readonly #counts = {
    received: 0,
    forwarded: 0,
    filtered: 0,
    expired: 0,
    refused: 0,
    dropped: 0,
    droppedFD: 0,
    waiting: 0,
  };
  #takesFD: boolean;
  #held = false;
  #sending: Promise<void> | undefined;
  #endNs: bigint | undefined;

  constructor(from: CANSocket, to: CANSocket, options: DirectionOptions = {}, events: DirectionEvents = {}) {
    this.#from = from;
    this.#to = to;
    this.#acceptance = new Acceptance(options.filters, options.joinFilters);
    this.#map = options.map ?? new IdentifierMap();
    this.#fd = options.fd ?? 'auto';
    this.#limit = options.limit ?? LIMIT;
    this.#timeoutNs = BigInt(Math.round((options.timeoutMs ?? TIMEOUT_MS) * 1e6));
    this.#events = events;
    this.#takesFD = takesFD(to.interfaceName);
    // The MTU changes only while an interface is down, or with a new one.
    to.on('up', this.#onUp);
    from.on('frames', this.#onFrames);
  }

  get fromName(): string {
    return this.#from.interfaceName;
  }

  get toName(): string {
    return this.#to.interfaceName;
  }

  get statistics(): DirectionStatistics {
    return { ...this.#counts, lost: this.#from.statistics.dropped };
  }

  /** Nothing is handed over until {@link release}; what comes waits. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#send();
  }

  /** What was received later than this moment (monotonic, ns) is not the bridge's any more. */
  endAt(endNs: bigint): void {
    this.#endNs ??= endNs;
  }

  /** Takes nothing any more; resolves when every frame is accounted for: after `timeoutMs` at the latest. */
  async end(): Promise<void> {
    this.#from.off('frames', this.#onFrames);
    this.#to.off('up', this.#onUp);
    this.release();
    while (this.#sending !== undefined) await this.#sending;
  }

  readonly #onUp = (): void => {
    this.#takesFD = takesFD(this.#to.interfaceName);
  };

  readonly #onFrames = (frames: readonly ReceivedFrame[]): void => {
    const nowNs = process.hrtime.bigint();
    const chunk: Forwardable[] = [];
    const counts = this.#counts;
    for (const { frame, timestamp } of frames) {
      if (frame instanceof ErrorFrame) continue;
      if (this.#endNs !== undefined && timestamp.monotonicNs > this.#endNs) continue;
      counts.received++;
      this.#events.onReceived?.(frame);
      const forwardable = this.#judge(frame);
      if (forwardable !== undefined) chunk.push(forwardable);
    }
    if (chunk.length === 0) return;
    this.#queue.push({ frames: chunk, deadlineNs: nowNs + this.#timeoutNs });
    this.#send();
  };

  /** The frame to send, which waits from now on; undefined: it is counted already. */
  #judge(frame: Forwardable): Forwardable | undefined {
    const counts = this.#counts;
    if (!this.#acceptance.accepts(frame)) {
      counts.filtered++;
      return undefined;
    }
    const result = applyFDRule(this.#map.apply(frame), this.#fd, this.#takesFD);
    if (result === undefined) counts.droppedFD++;
    if (result === undefined || counts.waiting >= this.#limit) {
      counts.dropped++;
      return undefined;
    }
    counts.waiting++;
    this.#events.onForward?.(result);
    return result;
  }

  /** One call at a time, so that what follows a refused frame is not overtaken by later ones. */
  #send(): void {
    if (this.#sending !== undefined || this.#held || this.#queue.length === 0) return;
    this.#sending = this.#sendAll().finally(() => {
      this.#sending = undefined;
      // What came while the last call was ending.
      this.#send();
    });
  }

  async #sendAll(): Promise<void> {
    while (!this.#held) {
      const chunk = this.#queue.shift();
      if (chunk === undefined) return;
      const rest = await this.#sendChunk(chunk);
      if (rest.length > 0) this.#queue.unshift({ ...chunk, frames: rest });
    }
  }

  /** @returns the frames behind one that was refused, to be sent again */
  async #sendChunk({ frames, deadlineNs }: Chunk): Promise<readonly Forwardable[]> {
    const counts = this.#counts;
    let rest: readonly Forwardable[] = [];
    try {
      const { sent, expired } = await this.#to.send(frames, { deadlineNs });
      counts.forwarded += sent;
      counts.expired += expired;
    } catch (error) {
      const { sent } = failedResult(error);
      counts.forwarded += sent;
      // A closed socket refuses all there will ever be.
      if (this.#to.state !== 'closed') rest = frames.slice(sent + 1);
      counts.refused += frames.length - sent - rest.length;
    }
    counts.waiting -= frames.length - rest.length;
    return rest;
  }
}
