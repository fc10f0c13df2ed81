import type { CANInterface, ControllerState, ErrorFrame, SocketState } from '../../../../index';
import { Load, loadOf, type Throughput } from './load';

export interface BitRates {
  /** Nominal bit rate, in bit/s. */
  readonly bitrate?: number | undefined;
  /** Bit rate of the data phase of CAN FD frames with BRS, in bit/s. */
  readonly dataBitrate?: number | undefined;
}

/** The state of one interface and its bus. */
export class Bus {
  readonly name: string;
  link: SocketState = 'up';
  /** The state of the controller, from the kernel or the last error frame. Undefined if neither reported it. */
  state: ControllerState | undefined;
  /** The error counters of the controller. */
  errorCounters: { readonly tx: number; readonly rx: number } | undefined;
  /** Data and remote frames. */
  frames = 0;
  errorFrames = 0;
  lastError: ErrorFrame | undefined;
  lastErrorNs = -Infinity;
  /** Frames that the kernel dropped because the receive buffer was full. */
  dropped = 0;
  load = new Load();
  readonly #given: BitRates;
  #reported: BitRates = {};

  /** @param given the user's bit rates, for an interface that reports none */
  constructor(name: string, given: BitRates = {}) {
    this.name = name;
    this.#given = given;
  }

  get bitrate(): number | undefined {
    return this.#reported.bitrate ?? this.#given.bitrate;
  }

  get dataBitrate(): number | undefined {
    return this.#reported.dataBitrate ?? this.#given.dataBitrate;
  }

  /** Takes over what the kernel reports. Returns whether anything changed. */
  update({ state, errorCounters, bitrate, dataBitrate }: CANInterface): boolean {
    const same =
      (state ?? this.state) === this.state &&
      errorCounters?.tx === this.errorCounters?.tx &&
      errorCounters?.rx === this.errorCounters?.rx &&
      bitrate === this.#reported.bitrate &&
      dataBitrate === this.#reported.dataBitrate;
    this.state = state ?? this.state;
    this.errorCounters = errorCounters;
    this.#reported = { bitrate, dataBitrate };
    return !same;
  }

  addError(frame: ErrorFrame, atNs: number): void {
    this.errorFrames++;
    this.lastError = frame;
    this.lastErrorNs = atNs;
    this.state = stateAfter(frame) ?? this.state;
    const { txErrors: tx, rxErrors: rx } = frame;
    if (tx !== undefined && rx !== undefined) this.errorCounters = { tx, rx };
  }

  throughput(nowNs: number): Throughput {
    return this.load.current(nowNs);
  }

  /** The load of the last second, 0 to 1. Undefined without a bit rate. */
  loadAt(nowNs: number): number | undefined {
    if (this.bitrate === undefined) return undefined;
    return loadOf(this.load.current(nowNs), this.bitrate, this.dataBitrate);
  }

  /**
   * The load of each of the last `seconds`, oldest first. Without a bit rate it is relative to the busiest of these
   * seconds.
   */
  history(nowNs: number, seconds: number): number[] {
    const all = Array.from({ length: seconds }, (_, i) => this.load.second(nowNs, seconds - 1 - i));
    const busiest = Math.max(1, ...all.map((each) => each.nominalBits + each.dataBits));
    const { bitrate } = this;
    if (bitrate === undefined) return all.map((each) => loadOf(each, busiest));
    return all.map((each) => loadOf(each, bitrate, this.dataBitrate));
  }

  clone(): Bus {
    const copy = Object.assign(new Bus(this.name, this.#given), this);
    copy.load = this.load.clone();
    copy.#reported = this.#reported;
    return copy;
  }
}

/** The state of the controller that an error frame reports. Undefined if it reports something else. */
function stateAfter({ classes, controller }: ErrorFrame): ControllerState | undefined {
  const reports = (...words: string[]): boolean => words.some((word) => controller.includes(word));
  if (classes.includes('bus-off')) return 'bus-off';
  if (reports('rx-passive', 'tx-passive')) return 'error-passive';
  if (reports('rx-warning', 'tx-warning')) return 'error-warning';
  if (reports('active') || classes.includes('restarted')) return 'error-active';
  return undefined;
}
