import { inspect } from 'node:util';
import { invalidArgument } from '../errors';
import { checkFaults, type BusFaults } from './faults';

/** Settings of a virtual bus. A setting that is not given keeps its value. */
export interface BusSettings {
  /** 16: classic CAN only; 72, the default: CAN FD, too. */
  readonly mtu?: 16 | 72;
  /**
   * Bit rate in bit/s, up to 67,000,000; frames then take the time they take on a wire, and arbitrate.
   * 0, the default: no time.
   */
  readonly bitrate?: number;
  /** Bit rate of the data phase of CAN FD frames with BRS, in bit/s. 0, the default: as `bitrate`. */
  readonly dataBitrate?: number;
  /**
   * Frames a socket can have waiting on a bus with a bit rate, the one on the wire included; one more
   * is ENOBUFS, or EAGAIN beyond 278, as much as a send buffer holds. 1 to 100,000, default 10, as of can0.
   */
  readonly txQueueLength?: number;
  /** All of them: those not given are 0. */
  readonly faults?: BusFaults;
  /** The same seed gives the same faults. Setting it again restarts their sequence. Default 1. */
  readonly seed?: number;
  /** Time passes only by {@link VirtualBus.advance}, from 0 on. Default false. */
  readonly virtualTime?: boolean;
}

export const DEFAULTS: Required<BusSettings> = {
  mtu: 72,
  bitrate: 0,
  dataBitrate: 0,
  txQueueLength: 10,
  faults: {},
  seed: 1,
  virtualTime: false,
};

/** Highest bit rate taken, in bit/s: up to it a frame's time is exact, see frameTimeNs(). */
const MAX_BITRATE = 67_000_000;

function fail(name: string, rule: string, value: unknown, type: string): never {
  const text = `The setting ${name} of a virtual bus must be ${rule}, not ${inspect(value)}`;
  const error = typeof value === type ? new RangeError(text) : new TypeError(text);
  throw invalidArgument(error, 'ERR_SOCKETCAN_INVALID_OPTION');
}

function integer(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  fail(name, `an integer of [${least}, ${most}]`, value, 'number');
}

/**
 * The settings that come of a change.
 *
 * @throws {RangeError | TypeError} `ERR_SOCKETCAN_INVALID_OPTION`, changing nothing
 */
export function checkSettings(before: Required<BusSettings>, change: BusSettings): Required<BusSettings> {
  if (typeof (change as unknown) !== 'object' || (change as unknown) === null) {
    throw invalidArgument(
      new TypeError(`The settings of a virtual bus must be an object, not ${inspect(change)}`),
      'ERR_SOCKETCAN_INVALID_OPTION',
    );
  }
  for (const name of Object.keys(change)) {
    if (!Object.hasOwn(DEFAULTS, name)) {
      throw invalidArgument(
        new RangeError(`A virtual bus has no setting ${name}, but ${Object.keys(DEFAULTS).join(', ')}`),
        'ERR_SOCKETCAN_INVALID_OPTION',
      );
    }
  }
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as BusSettings;
  const settings = { ...before, ...given };
  const { mtu, bitrate, dataBitrate, txQueueLength, seed, virtualTime } = settings;
  if ((mtu as number) !== 16 && (mtu as number) !== 72) fail('mtu', '16 or 72', mtu, 'number');
  integer('bitrate', bitrate, 0, MAX_BITRATE);
  integer('dataBitrate', dataBitrate, 0, MAX_BITRATE);
  integer('txQueueLength', txQueueLength, 1, 100_000);
  integer('seed', seed, -0x8000_0000, 0xffff_ffff);
  if (typeof (virtualTime as unknown) !== 'boolean') {
    fail('virtualTime', 'a boolean', virtualTime, 'boolean');
  }
  return { ...settings, faults: checkFaults(settings.faults) };
}
