import {
  IFLA_CAN_BERR_COUNTER,
  IFLA_CAN_BITTIMING,
  IFLA_CAN_CLOCK,
  IFLA_CAN_CTRLMODE,
  IFLA_CAN_DATA_BITTIMING,
  IFLA_CAN_RESTART_MS,
  IFLA_CAN_STATE,
  IFLA_CAN_TERMINATION,
} from '../libc/constants';
import { host } from '../libc/layouts';
import { parseAttributes, readU16, readU32 } from '../libc/netlink';
import { omitUndefined } from './omit-undefined';

/** linux/can/netlink.h: enum can_state, by number. */
const STATES = ['error-active', 'error-warning', 'error-passive', 'bus-off', 'stopped', 'sleeping'] as const;

/** The state of a CAN controller; `stopped` while the interface is down. */
export type ControllerState = (typeof STATES)[number];

/** linux/can/netlink.h: CAN_CTRLMODE_*, by bit. */
const MODES = [
  'loopback',
  'listen-only',
  'triple-sampling',
  'one-shot',
  'berr-reporting',
  'fd',
  'presume-ack',
  'fd-non-iso',
  'cc-len8-dlc',
  'tdc-auto',
  'tdc-manual',
] as const;

/** A mode of a CAN controller, named as in ip-link(8); `unknown-0x...` is a mode of a newer kernel. */
export type ControllerMode = (typeof MODES)[number] | `unknown-0x${string}`;

/** A CAN controller, as rtnetlink(7) describes it. Properties that the driver does not report are absent. */
export interface CANController {
  /** The error state; `stopped` while the interface is down. */
  readonly state?: ControllerState;
  /** The bit rate in bit/s; of CAN FD frames, that of the arbitration phase. */
  readonly bitrate?: number;
  /** The sample point as a fraction of the bit, above 0 and below 1. */
  readonly samplePoint?: number;
  /** The bit rate of the data phase of CAN FD frames with bit rate switch, in bit/s. */
  readonly dataBitrate?: number;
  /** The sample point of the data phase, above 0 and below 1. */
  readonly dataSamplePoint?: number;
  /** The clock frequency of the controller in Hz. */
  readonly clock?: number;
  /** The time from bus-off to the automatic restart of the controller, in ms; 0: no automatic restart. */
  readonly restartMs?: number;
  /** The error counters of the CAN standard. */
  readonly errorCounters?: {
    /** The transmit error counter, 0 or more: 96 is a warning, 128 error-passive, 256 bus-off. */
    readonly tx: number;
    /** The receive error counter, 0 to 255: 96 is a warning, 128 error-passive. */
    readonly rx: number;
  };
  /** The modes that are switched on. */
  readonly modes?: readonly ControllerMode[];
  /** The terminating resistor that is switched on, in ohms; 0: none. */
  readonly termination?: number;
}

/** The counters of a controller since its interface was created (linux/can/netlink.h: struct can_device_stats). */
export interface DeviceStatistics {
  /** Errors on the bus. */
  readonly busErrors: number;
  /** Changes to the state error-warning. */
  readonly errorWarning: number;
  /** Changes to the state error-passive. */
  readonly errorPassive: number;
  /** Changes to the state bus-off. */
  readonly busOff: number;
  /** Frames that lost arbitration, if the controller counts them. */
  readonly arbitrationLost: number;
  /** Restarts of the controller after bus-off. */
  readonly restarts: number;
}

/** CAN_BITRATE_UNKNOWN: the adapter (slcan) was configured outside the kernel. */
const BITRATE_UNKNOWN = 0xffff_ffff;

/** Returns the value, or undefined for 0, which the kernel reports for values that were never set. */
function unlessZero(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}

function bitrate(bytes: Uint8Array | undefined): number | undefined {
  const value = readU32(bytes, host.can_bittiming.offset.bitrate);
  return value === BITRATE_UNKNOWN ? undefined : unlessZero(value);
}

function samplePoint(bytes: Uint8Array | undefined): number | undefined {
  // The kernel gives tenths of a percent.
  const value = unlessZero(readU32(bytes, host.can_bittiming.offset.sample_point));
  return value === undefined ? undefined : value / 1000;
}

function modes(bytes: Uint8Array | undefined): ControllerMode[] | undefined {
  const flags = readU32(bytes, host.can_ctrlmode.offset.flags);
  if (flags === undefined) return undefined;
  return Array.from({ length: 32 }, (_, bit) => bit)
    .filter((bit) => (flags >>> bit) & 1)
    .map((bit) => MODES[bit] ?? (`unknown-0x${(2 ** bit).toString(16)}` as const));
}

function errorCounters(bytes: Uint8Array | undefined): { tx: number; rx: number } | undefined {
  const { offset } = host.can_berr_counter;
  const tx = readU16(bytes, offset.txerr);
  const rx = readU16(bytes, offset.rxerr);
  return tx === undefined || rx === undefined ? undefined : { tx, rx };
}

/** Parses the IFLA_INFO_DATA of an interface of the kind `can`. */
export function parseController(bytes: Uint8Array): CANController {
  const attributes = parseAttributes(bytes);
  const timing = attributes.get(IFLA_CAN_BITTIMING);
  const dataTiming = attributes.get(IFLA_CAN_DATA_BITTIMING);
  return omitUndefined({
    state: STATES[readU32(attributes.get(IFLA_CAN_STATE)) ?? -1],
    bitrate: bitrate(timing),
    samplePoint: samplePoint(timing),
    dataBitrate: bitrate(dataTiming),
    dataSamplePoint: samplePoint(dataTiming),
    clock: unlessZero(readU32(attributes.get(IFLA_CAN_CLOCK))),
    restartMs: readU32(attributes.get(IFLA_CAN_RESTART_MS)),
    errorCounters: errorCounters(attributes.get(IFLA_CAN_BERR_COUNTER)),
    modes: modes(attributes.get(IFLA_CAN_CTRLMODE)),
    termination: readU16(attributes.get(IFLA_CAN_TERMINATION)),
  });
}

/** Parses the IFLA_INFO_XSTATS of an interface of the kind `can`; undefined if they are missing or truncated. */
export function parseDeviceStatistics(bytes: Uint8Array | undefined): DeviceStatistics | undefined {
  const { size, offset } = host.can_device_stats;
  if (bytes === undefined || bytes.byteLength < size) return undefined;
  const count = (at: number) => readU32(bytes, at) ?? 0;
  return {
    busErrors: count(offset.bus_error),
    errorWarning: count(offset.error_warning),
    errorPassive: count(offset.error_passive),
    busOff: count(offset.bus_off),
    arbitrationLost: count(offset.arbitration_lost),
    restarts: count(offset.restarts),
  };
}
