import { RECORD, type RecordLayout } from '../../../src/poller/record';
import type { Ring } from '../../../src/poller/ring';

/** Packets of up to 80 bytes, like those of a kernel socket. */
export const PACKET_RECORD: RecordLayout = { packetSize: 80, trailer: false };

/** Packets of up to 80 bytes with a trailer, like those of a virtual bus. */
export const TRAILED_RECORD: RecordLayout = { packetSize: 80, trailer: true };

/** One record of a ring, as plain values. */
export interface Read {
  readonly frame: Uint8Array;
  readonly flags: number;
  readonly drops: number;
  readonly systemNs: bigint;
  readonly monotonicNs: bigint;
  /** 0: no time. */
  readonly hardwareNs: bigint;
}

/** Removes records from a ring, the oldest first; by default all. */
export function takeRecords(ring: Ring, count = ring.available): Read[] {
  const { bytes, words } = ring.memory;
  const records: Read[] = [];
  let slot = ring.headSlot;
  for (let i = 0; i < count; i++, slot = ring.after(slot)) {
    const at = ring.offset(slot);
    const length = words[(at + RECORD.length) / 4] as number;
    records.push({
      frame: Uint8Array.from(bytes.subarray(at + RECORD.packet, at + RECORD.packet + length)),
      flags: words[(at + RECORD.flags) / 4] as number,
      drops: words[(at + RECORD.drops) / 4] as number,
      systemNs: ring.time(at, RECORD.system),
      monotonicNs: ring.time(at, RECORD.monotonic),
      hardwareNs: ring.time(at, RECORD.hardware),
    });
  }
  ring.release(count);
  return records;
}

/** The number passed to classicBytes() or fdBytes(). */
export function numberOf(frame: Uint8Array): number {
  return new Uint32Array(frame.buffer, frame.byteOffset, 3)[2] as number;
}

/** Adds a record to a ring, like a receiver. */
export function putRecord(
  ring: Ring,
  frame: Uint8Array,
  { length = frame.byteLength, flags = 0, drops = 0, systemSec = 1, monotonicSec = 2, hardwareSec = 0 } = {},
): void {
  const at = ring.offset(ring.tailSlot);
  const { bytes, words } = ring.memory;
  bytes.set(frame, at + RECORD.packet);
  words[(at + RECORD.length) / 4] = length;
  words[(at + RECORD.flags) / 4] = flags;
  words[(at + RECORD.drops) / 4] = drops;
  ring.setTime(at, RECORD.system, systemSec, 0);
  ring.setTime(at, RECORD.monotonic, monotonicSec, 0);
  ring.setTime(at, RECORD.hardware, hardwareSec, 0);
  ring.publish(1);
}
