import {
  ErrorFrame,
  type CANFilter,
  type CANSocket,
  type DataFrame,
  type ReceivedFrame,
  type RemoteFrame,
} from '../../../index';
import { DEFAULT_TIMEOUT_MS } from '../../send/send-frames';
import { applyFDRule, supportsFD, type FDRule } from './fd-rule';
import { FrameFilter } from './frame-filter';
import { IdentifierMap } from './identifier-map';
import { OutputQueue } from './output-queue';
import type { DirectionStatistics, DirectionSummary } from './summary';

export interface DirectionOptions {
  /** Forwards only frames that pass any of these filters. Default: all frames. */
  readonly filters?: readonly CANFilter[];
  /** True: a frame must pass all filters. Default false. */
  readonly joinFilters?: boolean;
  /** Default: identifiers do not change. */
  readonly map?: IdentifierMap;
  /** Default `auto`. */
  readonly fd?: FDRule;
  /** How many frames may wait for the destination; the bridge drops the others. Default {@link DEFAULT_LIMIT}. */
  readonly limit?: number;
  /** How long a frame may wait before it expires, in ms. Default {@link DEFAULT_TIMEOUT_MS}. */
  readonly timeoutMs?: number;
}

/** Called for each frame, so that the bridge can detect loops. */
export interface DirectionObserver {
  readonly onReceived?: (frame: DataFrame | RemoteFrame) => void;
  readonly onForward?: (frame: DataFrame | RemoteFrame) => void;
}

/** About 10 MB of frames. A burst that arrives faster than the event loop sends it should not lose frames. */
export const DEFAULT_LIMIT = 32_768;

/**
 * Forwards the frames of one socket through another, in order. The number of waiting frames and the time that each
 * may wait are limited. Every frame has exactly one outcome in the statistics.
 */
export class Direction implements DirectionSummary {
  readonly #from: CANSocket;
  readonly #to: CANSocket;
  readonly #filter: FrameFilter;
  readonly #map: IdentifierMap;
  readonly #fdRule: FDRule;
  readonly #limit: number;
  readonly #observer: DirectionObserver;
  readonly #queue: OutputQueue;
  readonly #counts = { received: 0, filtered: 0, dropped: 0, droppedFD: 0 };
  #supportsFD: boolean;
  #stopNs: bigint | undefined;

  constructor(from: CANSocket, to: CANSocket, options: DirectionOptions = {}, observer: DirectionObserver = {}) {
    this.#from = from;
    this.#to = to;
    this.#filter = new FrameFilter(options.filters, options.joinFilters);
    this.#map = options.map ?? new IdentifierMap();
    this.#fdRule = options.fd ?? 'auto';
    this.#limit = options.limit ?? DEFAULT_LIMIT;
    this.#observer = observer;
    this.#queue = new OutputQueue(to, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    this.#supportsFD = supportsFD(to.interfaceName);
    // The MTU changes only while an interface is down, or with a new interface.
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
    const { received, filtered, dropped, droppedFD } = this.#counts;
    const { forwarded, expired, refused, waiting } = this.#queue.counts;
    const lost = this.#from.statistics.dropped;
    return { received, forwarded, filtered, expired, refused, dropped, droppedFD, waiting, lost };
  }

  /** Sends nothing until {@link resume}. Received frames wait. */
  pause(): void {
    this.#queue.pause();
  }

  resume(): void {
    this.#queue.resume();
  }

  /** Ignores the frames received after this time (monotonic, ns). */
  stopAt(stopNs: bigint): void {
    this.#stopNs ??= stopNs;
  }

  /** Stops receiving. Resolves when no frame waits, after `timeoutMs` at the latest. */
  async stop(): Promise<void> {
    this.#from.off('frames', this.#onFrames);
    this.#to.off('up', this.#onUp);
    this.resume();
    await this.#queue.empty();
  }

  readonly #onUp = (): void => {
    this.#supportsFD = supportsFD(this.#to.interfaceName);
  };

  readonly #onFrames = (received: readonly ReceivedFrame[]): void => {
    const nowNs = process.hrtime.bigint();
    const frames: (DataFrame | RemoteFrame)[] = [];
    for (const { frame, timestamp } of received) {
      if (frame instanceof ErrorFrame) continue;
      if (this.#stopNs !== undefined && timestamp.monotonicNs > this.#stopNs) continue;
      this.#counts.received++;
      this.#observer.onReceived?.(frame);
      const output = this.#convert(frame);
      if (output === undefined) continue;
      if (this.#queue.counts.waiting + frames.length >= this.#limit) {
        this.#counts.dropped++;
        continue;
      }
      this.#observer.onForward?.(output);
      frames.push(output);
    }
    if (frames.length > 0) this.#queue.add(frames, nowNs);
  };

  /** Returns the frame to send, or undefined after counting a frame that is not forwarded. */
  #convert(frame: DataFrame | RemoteFrame): DataFrame | RemoteFrame | undefined {
    if (!this.#filter.accepts(frame)) {
      this.#counts.filtered++;
      return undefined;
    }
    const output = applyFDRule(this.#map.apply(frame), this.#fdRule, this.#supportsFD);
    if (output === undefined) {
      this.#counts.dropped++;
      this.#counts.droppedFD++;
    }
    return output;
  }
}
