import { DataFrame } from '../data-frame';
import { FrameFormat } from '../format';
import type { RemoteFrame } from '../remote-frame';
import { arbitrationKey } from './arbitration';
import { BitStream } from './bit-stream';

/** The number of bits of a frame at each bit rate. */
export interface FrameBits {
  /** Bits at the nominal bit rate: all bits (at least 47), or the first and last ones of a CAN FD frame with BRS. */
  readonly nominal: number;
  /** Bits at the data bit rate: 0 for classic frames and CAN FD frames without BRS. */
  readonly data: number;
}

const SOF = 1;
const CRC15 = 15;
const CRC_DELIMITER = 1;
/** ACK slot, ACK delimiter, EOF and intermission. They have no stuff bits. */
const FRAME_TAIL = 1 + 1 + 7 + 3;
/** Maximum number of data bytes of a CAN FD frame with CRC-17. Longer frames have CRC-21. */
const CRC17_MAX_LENGTH = 16;
const STUFF_COUNT = 4;
const NS_PER_SECOND = 1e9;

/** Returns the length of stuff count and CRC sequence (17 or 21 bits), with a fixed stuff bit before every 4 bits. */
function fdCRCFieldBits(length: number): number {
  const bits = STUFF_COUNT + (length <= CRC17_MAX_LENGTH ? 17 : 21);
  return bits + Math.ceil(bits / 4);
}

function putSOFAndArbitration(stream: BitStream, frame: DataFrame | RemoteFrame): void {
  const key = arbitrationKey(frame);
  stream.put(0, SOF);
  if (frame.format === FrameFormat.Base) stream.put(key >>> 19, 13);
  else stream.put(key, 32);
}

function putData(stream: BitStream, data: Uint8Array): void {
  for (const byte of data) stream.put(byte, 8);
}

function classicBits(stream: BitStream, frame: DataFrame | RemoteFrame): FrameBits {
  // FDF, and r0 in extended frames, both dominant.
  stream.put(0, frame.format === FrameFormat.Base ? 1 : 2);
  stream.put(frame.dlc, 4);
  if (frame instanceof DataFrame) putData(stream, frame.data);
  stream.put(stream.crc15, CRC15);
  const lastStuffBit = stream.stuffBitPending ? 1 : 0;
  return { nominal: stream.length + lastStuffBit + CRC_DELIMITER + FRAME_TAIL, data: 0 };
}

function fdBits(stream: BitStream, frame: DataFrame): FrameBits {
  stream.put(0b10, 2); // FDF, res
  stream.put(frame.brs ? 1 : 0, 1);
  // No stuff bit is pending here, because BRS follows a recessive FDF and a dominant res.
  const throughBRS = stream.length;
  stream.put(frame.esi ? 1 : 0, 1);
  stream.put(frame.dlc, 4);
  putData(stream, frame.data);
  // The first fixed stuff bit replaces a pending stuff bit.
  const afterBRS = stream.length - throughBRS + fdCRCFieldBits(frame.data.length) + CRC_DELIMITER;
  if (!frame.brs) return { nominal: throughBRS + afterBRS + FRAME_TAIL, data: 0 };
  return { nominal: throughBRS + FRAME_TAIL, data: afterBRS };
}

/**
 * Returns the exact number of bits for which a frame occupies the bus: from SOF to the end of the intermission (3
 * bits), with the stuff bits of this identifier and data (ISO 11898-1:2015).
 *
 * The bit rate changes at the sample points of BRS and of the CRC delimiter, so a part of each is sent at either rate.
 * Here BRS is nominal, and ESI to CRC delimiter are data bits. The frame's time is exact nevertheless, wherever the
 * sample points are: the two parts at the data bit rate add up to one bit.
 *
 * Not included: error and overload frames, the suspend transmission (8 bits) of an error passive sender, and bits that
 * resynchronization or a late ACK in CAN FD may add.
 */
export function frameBits(frame: DataFrame | RemoteFrame): FrameBits {
  const stream = new BitStream();
  putSOFAndArbitration(stream, frame);
  return frame instanceof DataFrame && frame.fd ? fdBits(stream, frame) : classicBits(stream, frame);
}

/**
 * Returns the time for which a frame occupies the bus, in nanoseconds, rounded up to an integer. See {@link frameBits}
 * for what it includes.
 *
 * @param bitrate nominal bit rate in bit/s, an integer from 1 to 67000000, for example 500000; not checked
 * @param dataBitrate bit rate of CAN FD frames with BRS after that bit, same range; default: `bitrate`
 */
export function frameTimeNs(frame: DataFrame | RemoteFrame, bitrate: number, dataBitrate = bitrate): number {
  const bits = frameBits(frame);
  const nominal = bits.nominal * NS_PER_SECOND;
  const data = bits.data * NS_PER_SECOND;
  // Adds integers only: the sum of two rounded quotients may be slightly above an integer, and be rounded up.
  const nominalRest = nominal % bitrate;
  const dataRest = data % dataBitrate;
  const rest = (nominalRest * dataBitrate + dataRest * bitrate) / (bitrate * dataBitrate);
  return (nominal - nominalRest) / bitrate + (data - dataRest) / dataBitrate + Math.ceil(rest);
}
