import { checkBoolean, checkChoice, checkInteger, checkObject, invalidValue } from '../options/check';
import { checkFaults, type BusFaults } from './faults';

/** Settings of a virtual bus. Each setting that is not given keeps its value. */
export interface BusSettings {
  /** 16: classic CAN only; 72, the default: CAN FD too. */
  readonly mtu?: 16 | 72;
  /**
   * Bit rate in bit/s, up to 67,000,000. Frames take as long as on a real bus, and arbitrate. 0, the default: frames
   * take no time.
   */
  readonly bitrate?: number;
  /** Bit rate of the data phase of CAN FD frames with BRS, in bit/s. 0, the default: the same as `bitrate`. */
  readonly dataBitrate?: number;
  /**
   * Length of each socket's transmit queue on a bus with a bit rate, in frames, including the frame on the wire. One
   * more frame is ENOBUFS, or EAGAIN beyond 278 frames, which fill a send buffer. 1 to 100,000; default 10, as for a
   * real can0.
   */
  readonly txQueueLength?: number;
  /** All faults together: a fault that is not given is 0. */
  readonly faults?: BusFaults;
  /** The same seed gives the same faults. Setting it restarts their sequence. Any 32-bit integer; default 1. */
  readonly seed?: number;
  /** The bus's time starts at 0 and advances only by {@link VirtualBus.advance}. Default false. */
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

/** Highest bit rate, in bit/s. frameTimeNs() is exact up to this rate. */
const MAX_BITRATE = 67_000_000;

const what = (name: string): string => `The setting ${name} of a virtual bus`;

function checkSettingInteger(name: string, value: number, least: number, most: number): void {
  checkInteger(what(name), value, least, most);
}

/**
 * Returns the settings after a change.
 *
 * @throws {RangeError | TypeError} `ERR_SOCKETCAN_INVALID_OPTION`
 */
export function checkSettings(before: Required<BusSettings>, changes: BusSettings): Required<BusSettings> {
  checkObject('The settings of a virtual bus', changes);
  for (const name of Object.keys(changes)) {
    checkChoice('The name of a setting of a virtual bus', name, Object.keys(DEFAULTS));
  }
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as BusSettings;
  const settings = { ...before, ...given };
  const { mtu, bitrate, dataBitrate, txQueueLength, seed, virtualTime } = settings;
  if ((mtu as number) !== 16 && (mtu as number) !== 72) {
    throw invalidValue(what('mtu'), '16 or 72', mtu, typeof (mtu as unknown) === 'number');
  }
  checkSettingInteger('bitrate', bitrate, 0, MAX_BITRATE);
  checkSettingInteger('dataBitrate', dataBitrate, 0, MAX_BITRATE);
  checkSettingInteger('txQueueLength', txQueueLength, 1, 100_000);
  checkSettingInteger('seed', seed, -0x8000_0000, 0xffff_ffff);
  checkBoolean(what('virtualTime'), virtualTime);
  return { ...settings, faults: checkFaults(settings.faults) };
}
