import {
  IFLA_CAN_BITTIMING,
  IFLA_CAN_DATA_BITTIMING,
  IFLA_CAN_STATE,
  IFLA_CAN_CLOCK,
  IFLA_CAN_RESTART_MS,
  IFLA_CAN_BERR_COUNTER,
  IFLA_CAN_CTRLMODE,
  IFLA_CAN_TERMINATION,
} from '../libc/constants';
import { host } from '../libc/layouts';
import { readU32, readU16, attributes } from '../libc/netlink';
import { known } from './omit-undefined';

/** linux/can/netlink.h: enum can_state, by number. */
const STATES = ['error-active', 'error-warning', 'error-passive', 'bus-off', 'stopped', 'sleeping'] as const;

/** What a controller makes of its bus; `stopped` while the interface is down. */
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

/** A mode that a controller can be in, by the name that ip-link(8) has for it; `unknown-0x...` is a newer kernel's. */
export type ControllerMode = (typeof MODES)[number] | `unknown-0x${string}`;

/** What rtnetlink(7) knows of a CAN controller. What the driver does not tell is absent. */
export interface CANController {
  /** By its error counters; `stopped` while the interface is down. */
  readonly state?: ControllerState;
  /** In bit/s. */
  readonly bitrate?: number;
  /** Where in the bit it is sampled, above 0 and below 1. */
  readonly samplePoint?: number;
  /** Of the data phase of CAN FD frames with bit rate switch, in bit/s. */
  readonly dataBitrate?: number;
  /** Of the data phase, above 0 and below 1. */
  readonly dataSamplePoint?: number;
  /** Of the controller, in Hz. */
  readonly clock?: number;
  /** How long after a bus-off the controller restarts by itself, in ms; 0 never. */
  readonly restartMs?: number;
  /** The error counters of the CAN standard. */
  readonly errorCounters?: {
    /** Of transmission, 0 to 255 and above: 96 is a warning, 128 error-passive, 256 bus-off. */
    readonly tx: number;
    /** Of reception, 0 to 255: 96 is a warning, 128 error-passive. */
    readonly rx: number;
  };
  /** Those that are on. */
  readonly modes?: readonly ControllerMode[];
  /** The terminating resistor that is switched on, in ohm; 0 none. */
  readonly termination?: number;
}

/** What the interface has counted since it was made (linux/can/netlink.h: struct can_device_stats). */
export interface DeviceStatistics {
  /** Errors on the bus. */
  readonly busErrors: number;
  /** Changes to this state. */
  readonly errorWarning: number;
  /** Changes to this state. */
  readonly errorPassive: number;
  /** Changes to this state. */
  readonly busOff: number;
  /** Frames that lost arbitration, where the controller counts them. */
  readonly arbitrationLost: number;
  /** Of the controller after a bus-off. */
  readonly restarts: number;
}

/** CAN_BITRATE_UNKNOWN of the kernel: an adapter (slcan) that was set up past it. */
const BITRATE_UNKNOWN = 0xffff_ffff;

/** 0 stands for a value that was never set. */
function set(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}

function bitrate(bytes: Uint8Array): number | undefined {
  const value = readU32(bytes, host.can_bittiming.offset.bitrate);
  return value === BITRATE_UNKNOWN ? undefined : set(value);
}

/** The kernel has it in tenths of a percent. */
function samplePoint(bytes: Uint8Array): number | undefined {
  const value = set(readU32(bytes, host.can_bittiming.offset.sample_point));
  return value === undefined ? undefined : value / 1000;
}

function modes(bytes: Uint8Array): ControllerMode[] | undefined {
  const flags = readU32(bytes, host.can_ctrlmode.offset.flags);
  if (flags === undefined) return undefined;
  return Array.from({ length: 32 }, (_, bit) => bit)
    .filter((bit) => (flags >>> bit) & 1)
    .map((bit) => MODES[bit] ?? (`unknown-0x${(2 ** bit).toString(16)}` as const));
}

function errorCounters(bytes: Uint8Array): { tx: number; rx: number } | undefined {
  const { offset } = host.can_berr_counter;
  const tx = readU16(bytes, offset.txerr);
  const rx = readU16(bytes, offset.rxerr);
  return tx === undefined || rx === undefined ? undefined : { tx, rx };
}

/** Reads the IFLA_INFO_DATA of an interface of the kind `can`. */
export function parseController(bytes: Uint8Array): CANController {
  const all = attributes(bytes);
  const of = (type: number) => all.get(type) ?? new Uint8Array(0);
  const timing = of(IFLA_CAN_BITTIMING);
  const dataTiming = of(IFLA_CAN_DATA_BITTIMING);
  return known({
    state: STATES[readU32(of(IFLA_CAN_STATE)) ?? -1],
    bitrate: bitrate(timing),
    samplePoint: samplePoint(timing),
    dataBitrate: bitrate(dataTiming),
    dataSamplePoint: samplePoint(dataTiming),
    clock: set(readU32(of(IFLA_CAN_CLOCK))),
    restartMs: readU32(of(IFLA_CAN_RESTART_MS)),
    errorCounters: errorCounters(of(IFLA_CAN_BERR_COUNTER)),
    modes: modes(of(IFLA_CAN_CTRLMODE)),
    termination: readU16(of(IFLA_CAN_TERMINATION)),
  });
}

/** Reads the IFLA_INFO_XSTATS of an interface of the kind `can`; undefined when they are cut short. */
export function parseDeviceStatistics(bytes: Uint8Array): DeviceStatistics | undefined {
  const { size, offset } = host.can_device_stats;
  if (bytes.byteLength < size) return undefined;
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
