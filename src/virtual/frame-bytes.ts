import { decodeFrame, encodeFrame, type FrameMemory } from '../frame/codec';
import { CAN_MTU, CANFD_MTU } from '../frame/constants';
import { isFrame, type Frame } from '../frame/frame';
import { isUint8Array, invalidValue } from '../options/check';
import { INVALID_FRAME } from '../options/invalid';

/** The bytes of a frame: struct can_frame (16) or canfd_frame (72). */
export type FrameBytes = Uint8Array;

function emptyFrame(): FrameMemory {
  const bytes = new Uint8Array(CANFD_MTU);
  return { bytes, words: new Uint32Array(bytes.buffer) };
}

/** Decodes the bytes of a frame. Returns undefined if they are malformed. */
export function decodeBytes(bytes: FrameBytes): Frame | undefined {
  const memory = emptyFrame();
  memory.bytes.set(bytes);
  return decodeFrame(memory, 0, bytes.byteLength);
}

/**
 * Returns the bytes of an injected frame. Bytes that are given are copied and may be malformed.
 *
 * @throws {TypeError | RangeError} `ERR_SOCKETCAN_INVALID_FRAME`
 */
export function injectedBytes(frame: unknown): FrameBytes {
  if (isUint8Array(frame)) {
    const { byteLength } = frame;
    if (byteLength === CAN_MTU || byteLength === CANFD_MTU) return Uint8Array.from(frame);
    const rule = `${CAN_MTU} or ${CANFD_MTU} bytes`;
    throw invalidValue('The length of an injected frame', rule, byteLength, true, INVALID_FRAME);
  }
  if (isFrame(frame)) {
    const memory = emptyFrame();
    return memory.bytes.slice(0, encodeFrame(frame, memory, 0));
  }
  throw invalidValue('An injected frame', 'a frame, or its bytes as a Uint8Array', frame, false, INVALID_FRAME);
}
