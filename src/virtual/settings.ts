import { invalidArgument } from '../errors';
import { checkFaults, type BusFaults } from './faults';

export interface BusSettings {
  /** 16: classic CAN only; 72, the default: CAN FD, too. */
  readonly mtu?: 16 | 72;
  /** Bit rate in bit/s; frames then take the time they take on a wire, and arbitrate. 0, the default: no time. */
  readonly bitrate?: number;
  /** Bit rate of the data phase of CAN FD frames with BRS, in bit/s. 0, the default: as `bitrate`. */
  readonly dataBitrate?: number;
  /** Frames a socket can have waiting on a bus with a bit rate; one more is ENOBUFS. Default 10, as of can0. */
  readonly txQueueLength?: number;
  readonly faults?: BusFaults;
  /** What the faults depend on: the same seed, the same faults. Default 1. */
  readonly seed?: number;
  /** Time passes only by {@link VirtualBus.advance}. Default false. */
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

/** Highest bit rate taken, in bit/s. */
const MAX_BITRATE = 1e9;

function fail(name: string, rule: string, value: unknown): never {
  throw invalidArgument(
    new RangeError(`The setting ${name} of a virtual bus must be ${rule}, not ${String(value)}`),
    'ERR_SOCKETCAN_INVALID_OPTION',
  );
}

function integer(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  fail(name, `an integer of [${least}, ${most}]`, value);
}

/** The settings that come of a change. @throws {RangeError} `ERR_SOCKETCAN_INVALID_OPTION`, changing nothing */
export function checkSettings(
  before: Required<BusSettings>,
  change: BusSettings,
): Required<BusSettings> {
  for (const name of Object.keys(change)) {
    if (!(name in DEFAULTS)) fail(name, `one of ${Object.keys(DEFAULTS).join(', ')}`, name);
  }
  const given = Object.fromEntries(
    Object.entries(change).filter(([, value]) => value !== undefined),
  ) as BusSettings;
  const settings = { ...before, ...given };
  const { mtu, bitrate, dataBitrate, txQueueLength, seed, virtualTime } = settings;
  if ((mtu as number) !== 16 && (mtu as number) !== 72) fail('mtu', '16 or 72', mtu);
  integer('bitrate', bitrate, 0, MAX_BITRATE);
  integer('dataBitrate', dataBitrate, 0, MAX_BITRATE);
  integer('txQueueLength', txQueueLength, 1, 100_000);
  integer('seed', seed, -0x8000_0000, 0xffff_ffff);
  if (typeof (virtualTime as unknown) !== 'boolean') fail('virtualTime', 'a boolean', virtualTime);
  return { ...settings, faults: checkFaults(settings.faults) };
}
