import type { DataFrame } from '../data-frame';
import { FrameFormat } from '../format';
import { RemoteFrame } from '../remote-frame';

/**
 * Returns the arbitration field as an integer from 0 to 2**32 - 1. The frame with the lower number wins. The integer
 * holds the bits of an extended frame up to RTR (CAN FD: RRS), most significant bit first. Dominant is 0. A base frame
 * has fewer bits: its lowest 19 are 0. Frames with the same key cannot arbitrate: a classic and a CAN FD data frame
 * with one identifier differ in FDF only, which causes an error on the bus.
 *
 * ISO 11898-1:2015, base: identifier, RTR (in CAN FD the dominant RRS), dominant IDE. Extended: upper 11 bits of the
 * identifier, recessive SRR and IDE, lower 18 bits, RTR or RRS.
 */
export function arbitrationKey(frame: DataFrame | RemoteFrame): number {
  const rtr = frame instanceof RemoteFrame ? 1 : 0;
  const { identifier } = frame;
  if (frame.format === FrameFormat.Base) return ((identifier << 21) | (rtr << 20)) >>> 0;
  const srrAndIDE = 3 << 19;
  return (((identifier >>> 18) << 21) | srrAndIDE | ((identifier & 0x3ffff) << 1) | rtr) >>> 0;
}

/**
 * Compares two frames for Array.prototype.sort: negative if `a` wins arbitration, positive if `b` wins, 0 if neither
 * does. Base wins against extended with the same upper 11 bits, data wins against remote.
 */
export function compareArbitration(a: DataFrame | RemoteFrame, b: DataFrame | RemoteFrame): number {
  return arbitrationKey(a) - arbitrationKey(b);
}
