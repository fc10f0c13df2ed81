import { DataFrame } from '../../../src/frame/data-frame';
import { FrameFormat } from '../../../src/frame/format';
import { MSG_CONFIRM, MSG_DONTROUTE } from '../../../src/libc/constants';
import { Ring } from '../../../src/poller/ring';
import { CAN_RAW_RECORD } from '../../../src/raw/kernel/record';
import type { CANFilter } from '../../../src/frame/can-filter';
import { AcceptanceFilters } from '../../../src/raw/filters/acceptance';
import { Reception } from '../../../src/raw/receive/reception';
import { newCounters } from '../../../src/raw/statistics';
import { Echoes } from '../../../src/raw/receive/echoes';

/** The msg_flags of an echo. */
export const OWN = MSG_CONFIRM | MSG_DONTROUTE;

/** struct can_frame or canfd_frame. */
export function raw(id: number, length: number, data: readonly number[] = [], size = 16): Uint8Array {
  const bytes = new Uint8Array(size);
  new Uint32Array(bytes.buffer)[0] = id;
  bytes[4] = length;
  bytes.set(data, 8);
  return bytes;
}

/** A Reception with everything it needs, and a ring to receive from. */
export function bench(slots = 64, filters?: readonly CANFilter[], receiveOwn = false) {
  const ring = Ring.create(slots, CAN_RAW_RECORD);
  const counters = newCounters();
  const echoes = new Echoes();
  const acceptance = new AcceptanceFilters(filters);
  const reception = new Reception(counters, acceptance, echoes, receiveOwn);
  const take = () => reception.take(ring);
  return { ring, counters, echoes, acceptance, reception, take };
}

export const sent = new DataFrame(FrameFormat.Extended, 7, new Uint8Array([1, 2]));
export const sentBytes = raw(0x8000_0007, 2, [1, 2]);
