import { expect } from 'chai';
import type { SocketRecorder } from '../sockets/socket-recorder';
import type { NumberedTraffic } from '../traffic/numbered-traffic';

/** What is promised from the link being up to the first frame. */
const PROMISED_MS = 1000;
/** The neighbour writes a frame every 3 ms, or more seldom on a busy machine. */
const PROMISED_FRAMES = Math.floor(PROMISED_MS / 3);

/**
 * Waits until a socket receives again after this time, at which its link was not up, and asserts that it
 * was in time. The neighbour is the clock: it runs on the same event loop, so that its frames measure
 * how long the library waits, however slow the machine is. Returns what it took, for the table.
 */
export async function recovery(recorder: SocketRecorder, traffic: NumberedTraffic, sinceNs: bigint): Promise<string> {
  const ms = await recorder.recovery(traffic, sinceNs);
  const first = await traffic.firstSince(sinceNs);
  const isNew = ({ what }: { what: number | string }) => typeof what === 'number' && what >= first.number;
  const { calledNs } = recorder.entries.find(isNew) ?? expect.fail('no frame');
  const frames = traffic.accepted.filter(({ ns }) => ns >= first.ns && ns < calledNs).length;
  expect(frames, 'frames on the bus before the first is received').to.be.at.most(PROMISED_FRAMES);
  return `within ${ms.toFixed(1)} ms, ${frames} frames of the neighbour`;
}
