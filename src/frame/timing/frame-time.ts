import { arbitrationKey } from './arbitration';
import { BitStream } from './bit-stream';
import { DataFrame } from '../data-frame';
import { FrameFormat } from '../format';
import type { RemoteFrame } from '../remote-frame';

/** How many bits a frame takes, by the bit rate they are sent at. */
export interface FrameBits {
  /** Bits at the nominal bit rate: 47 or more in classic frames; of CAN FD frames with BRS the ends only. */
  readonly nominal: number;
  /** Bits at the data bit rate; 0 in classic frames and in CAN FD frames without BRS. */
  readonly data: number;
}

const SOF = 1;
const CRC15 = 15;
const CRC_DELIMITER = 1;
/** ACK slot, ACK delimiter, EOF and intermission, none of them stuffed. */
const FRAME_TAIL = 1 + 1 + 7 + 3;
/** Most data bytes of a CAN FD frame with CRC-17; longer ones have CRC-21. */
const CRC17_MAX_LENGTH = 16;
const STUFF_COUNT = 4;
const NS_PER_SECOND = 1e9;

/** Stuff count and CRC sequence (17 or 21 bits) with a fixed stuff bit before each four of these bits. */
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
  // FDF, and in extended frames r0 after it: both dominant.
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
  // No stuff bit can be pending here: BRS comes after a recessive FDF and a dominant res.
  const throughBRS = stream.length;
  stream.put(frame.esi ? 1 : 0, 1);
  stream.put(frame.dlc, 4);
  putData(stream, frame.data);
  // A stuff bit pending now is never sent: the first fixed stuff bit is the one and only.
  const afterBRS = stream.length - throughBRS + fdCRCFieldBits(frame.data.length) + CRC_DELIMITER;
  if (!frame.brs) return { nominal: throughBRS + afterBRS + FRAME_TAIL, data: 0 };
  return { nominal: throughBRS + FRAME_TAIL, data: afterBRS };
}

/**
 * The exact number of bits a frame keeps the bus busy for: from SOF to the end of the intermission (3
 * bits), with the stuff bits this identifier and these data bring about (ISO 11898-1:2015).
 *
 * The bit rate switches at the sample point of BRS and back at the one of the CRC delimiter, so that
 * both bits have a nominal and a data part. Here they are whole: BRS nominal, ESI to CRC delimiter data.
 * For the frame's time that is exact, wherever the sample points are: the part of BRS that is sent at
 * the data bit rate (after its sample point) is what the CRC delimiter lacks of it, and vice versa.
 *
 * Not counted: error and overload frames, the suspend transmission (8 bits) of an error passive sender,
 * and what resynchronization and a late ACK in CAN FD (a second bit is tolerated) may add.
 */
export function frameBits(frame: DataFrame | RemoteFrame): FrameBits {
  const stream = new BitStream();
  putSOFAndArbitration(stream, frame);
  return frame instanceof DataFrame && frame.fd ? fdBits(stream, frame) : classicBits(stream, frame);
}

/**
 * How long a frame keeps the bus busy, in nanoseconds, rounded up to an integer; for what it includes
 * see {@link frameBits}.
 *
 * @param bitrate nominal bit rate in bit/s, an integer from 1 to 67000000, like 500000; not checked
 * @param dataBitrate bit rate of CAN FD frames with BRS after that bit, same range; default: `bitrate`
 */
export function frameTimeNs(frame: DataFrame | RemoteFrame, bitrate: number, dataBitrate = bitrate): number {
  const bits = frameBits(frame);
  const nominal = bits.nominal * NS_PER_SECOND;
  const data = bits.data * NS_PER_SECOND;
  // In integers, for the sum of two rounded quotients may be a hair above a whole number.
  const nominalRest = nominal % bitrate;
  const dataRest = data % dataBitrate;
  const rest = (nominalRest * dataBitrate + dataRest * bitrate) / (bitrate * dataBitrate);
  return (nominal - nominalRest) / bitrate + (data - dataRest) / dataBitrate + Math.ceil(rest);
}
