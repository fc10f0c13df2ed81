import type { DataFrame } from '../data-frame';
import { FrameFormat } from '../format';
import { RemoteFrame } from '../remote-frame';

/**
 * The arbitration field, an integer from 0 to 2**32 - 1 of which the lower wins: the bits up to the RTR
 * or RRS bit of an extended frame, dominant as 0, the first one highest. Of a base frame the lowest 19
 * bits are 0, for it has no such bits. Frames of the same key differ in nothing that is arbitrated:
 * classic and CAN FD data frames of one identifier do so only in FDF, where the bus has errors.
 *
 * ISO 11898-1:2015: base: identifier, RTR (in CAN FD the dominant RRS), IDE dominant; extended: the
 * upper 11 bits, SRR and IDE recessive, the lower 18 bits, RTR or RRS.
 */
export function arbitrationKey(frame: DataFrame | RemoteFrame): number {
  const rtr = frame instanceof RemoteFrame ? 1 : 0;
  const { identifier } = frame;
  if (frame.format === FrameFormat.Base) return ((identifier << 21) | (rtr << 20)) >>> 0;
  const srrAndIDE = 3 << 19;
  return (((identifier >>> 18) << 21) | srrAndIDE | ((identifier & 0x3ffff) << 1) | rtr) >>> 0;
}

/**
 * Negative when `a` wins arbitration against `b`, positive when `b` does, 0 when neither loses; for
 * Array.prototype.sort. Base beats extended with the same upper 11 bits, data beats remote.
 */
export function compareArbitration(a: DataFrame | RemoteFrame, b: DataFrame | RemoteFrame): number {
  return arbitrationKey(a) - arbitrationKey(b);
}
