import { expect } from 'chai';
import { clock_gettime } from '../../../src/libc/clock';
import { CLOCK_REALTIME } from '../../../src/libc/constants';
import { recvmmsg } from '../../../src/libc/message';
import { Receiver, receiverCalls } from '../../../src/poller/receiver';
import { Ring } from '../../../src/poller/ring';
import { setControl, type ControlMessage } from '../fakes/control';
import { classicBytes, Pair } from './pairs';
import { PACKET_RECORD, type Read, takeRecords } from './records';

/** Receives one packet for each list of control messages, as if the kernel had added them. */
export function receiveWith(
  lists: readonly (readonly ControlMessage[])[],
  { cut, stamped = true }: { cut?: number; stamped?: boolean } = {},
): { records: Read[]; real: [bigint, bigint]; mono: [bigint, bigint] } {
  using pair = new Pair(stamped);
  const ring = Ring.create(8, PACKET_RECORD);
  const since = process.hrtime.bigint();
  const receiver = new Receiver(pair.near, ring, since, {
    ...receiverCalls,
    recvmmsg: (fd, headers, first, count, flags) => {
      const received = recvmmsg(fd, headers, first, count, flags);
      for (let i = 0; i < received; i++) setControl(headers, first + i, lists[i] ?? [], cut);
      return received;
    },
  });
  lists.forEach((_, index) => pair.send(classicBytes(index)));
  const realBefore = clock_gettime(CLOCK_REALTIME);
  expect(receiver.receive()).to.equal(lists.length);
  const real: [bigint, bigint] = [realBefore, clock_gettime(CLOCK_REALTIME)];
  return { records: takeRecords(ring), real, mono: [since, process.hrtime.bigint()] };
}

/** Asserts that the packets have the time of reading, because the kernel gave them no time. */
export function expectTimeOfReading({ records, real, mono }: ReturnType<typeof receiveWith>): void {
  for (const { systemNs, monotonicNs } of records) {
    expect(systemNs >= real[0] && systemNs <= real[1]).to.equal(true);
    expect(monotonicNs >= mono[0] && monotonicNs <= mono[1]).to.equal(true);
  }
}
