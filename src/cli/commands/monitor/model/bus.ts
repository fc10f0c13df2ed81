import type { CANInterface, ControllerState, ErrorFrame, SocketState } from '../../../../index';
import { Load, loadOf, type Throughput } from './load';

export interface BitRates {
  /** In bit/s. */
  readonly bitrate?: number | undefined;
  /** Of the data phase of CAN FD frames with BRS, in bit/s. */
  readonly dataBitrate?: number | undefined;
}

/** What is known of one interface and its bus. */
export class Bus {
  readonly name: string;
  link: SocketState = 'up';
  /** Of the controller, as the kernel or the last error frame has it; undefined: nobody told. */
  state: ControllerState | undefined;
  /** The controller's. */
  errorCounters: { readonly tx: number; readonly rx: number } | undefined;
  /** Data and remote frames. */
  frames = 0;
  errorFrames = 0;
  lastError: ErrorFrame | undefined;
  lastErrorNs = -Infinity;
  /** Lost for want of room in the socket's receive buffer. */
  dropped = 0;
  load = new Load();
  readonly #given: BitRates;
  #told: BitRates = {};

  /** @param given the user's bit rates: they count where the interface tells none */
  constructor(name: string, given: BitRates = {}) {
    this.name = name;
    this.#given = given;
  }

  get bitrate(): number | undefined {
    return this.#told.bitrate ?? this.#given.bitrate;
  }

  get dataBitrate(): number | undefined {
    return this.#told.dataBitrate ?? this.#given.dataBitrate;
  }

  /** What the kernel says of the interface; true if it is not what it said before. */
  tell(known: CANInterface): boolean {
    const { state, errorCounters, bitrate, dataBitrate } = known;
    const same =
      (state ?? this.state) === this.state &&
      errorCounters?.tx === this.errorCounters?.tx &&
      errorCounters?.rx === this.errorCounters?.rx &&
      bitrate === this.#told.bitrate &&
      dataBitrate === this.#told.dataBitrate;
    this.state = state ?? this.state;
    this.errorCounters = errorCounters;
    this.#told = { bitrate, dataBitrate };
    return !same;
  }

  error(frame: ErrorFrame, atNs: number): void {
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

  /** 0 to 1; undefined where no bit rate is known. */
  loadAt(nowNs: number): number | undefined {
    if (this.bitrate === undefined) return undefined;
    return loadOf(this.load.current(nowNs), this.bitrate, this.dataBitrate);
  }

  /**
   * The load of each of the last `seconds`, oldest first; where no bit rate is known, relative to the
   * busiest of them.
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
    copy.#told = this.#told;
    return copy;
  }
}

/** The state of the controller that an error frame tells of; undefined if it is about something else. */
function stateAfter({ classes, controller }: ErrorFrame): ControllerState | undefined {
  const says = (...words: string[]): boolean => words.some((word) => controller.includes(word));
  if (classes.includes('bus-off')) return 'bus-off';
  if (says('rx-passive', 'tx-passive')) return 'error-passive';
  if (says('rx-warning', 'tx-warning')) return 'error-warning';
  if (says('active') || classes.includes('restarted')) return 'error-active';
  return undefined;
}
