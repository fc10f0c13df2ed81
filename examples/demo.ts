import { setTimeout as sleep } from 'node:timers/promises';
import {
  DataFrame,
  FilterConfiguration,
  FrameFormat,
  listInterfaces,
  SocketCANMedia,
  type ReceivedEnvelope,
} from '../src';

/*
 * Two media on one bus: who sends what, who receives what, and when. It takes vcan0 where it is up, and
 * else the bus that is always there.
 *
 *   npm run demo [INTERFACE]
 */

const vcan0 = listInterfaces().find(({ name, up, fd }) => name === 'vcan0' && up && fd);
const interfaceName = process.argv[2] ?? (vcan0 === undefined ? 'virtual:demo' : 'vcan0');
const why = interfaceName === 'virtual:demo' ? ' (vcan0 is not there, or down, or classic)' : '';
const seconds = (ns: bigint): string => (Number(ns / 1000n) / 1e6).toFixed(6);
const inMs = (ms: number): bigint => process.hrtime.bigint() + BigInt(ms) * 1_000_000n;
/** Longest wait for anything, in ms: a busy machine may take a while to start a thread. */
const PATIENCE_MS = 60_000;
/** Where the relative times start. */
const begin = process.hrtime.bigint();

let shown = 0;

function show(who: string): (frames: readonly ReceivedEnvelope[]) => void {
  return (frames) => {
    for (const { frame, loopback, timestamp } of frames) {
      const monotonic = `+${seconds(timestamp.monotonicNs - begin)} s`;
      const system = new Date(Number(timestamp.systemNs / 1_000_000n)).toISOString();
      const text = loopback ? `${String(frame).padEnd(52)}  its own, come back` : String(frame);
      console.log(`  ${who}  ${monotonic}  ${system}  ${text}`);
      shown++;
    }
  };
}

/** Waits until so many lines have been shown in all. */
async function lines(count: number): Promise<void> {
  const end = inMs(PATIENCE_MS);
  while (shown < count && process.hrtime.bigint() < end) await sleep(10);
}

async function main(): Promise<void> {
  await using classic = new SocketCANMedia(interfaceName, 8);
  await using fd = new SocketCANMedia(interfaceName, 64);
  console.log(`Two media on ${interfaceName}${why}: one of MTU 8 (classic), one of MTU 64 (FD)\n`);
  classic.start(show('classic'), false);
  fd.start(show('fd     '), false);

  const hello = new DataFrame(FrameFormat.Base, 0x123, Buffer.from('hello'));
  const long = new DataFrame(FrameFormat.Extended, 0x1badc0fe, Buffer.from('CAN FD carries 64!  ').subarray(0, 20));
  console.log('The classic media sends a frame and asks for it back; the FD media gets it, too:');
  await classic.send([{ frame: hello, loopback: true }], inMs(PATIENCE_MS));
  await lines(2);

  console.log('\nThe FD media sends 20 bytes, which a classic media does not see:');
  await fd.send([{ frame: long, loopback: true }], inMs(PATIENCE_MS));
  await lines(3);

  console.log('\nThe FD media now accepts 0x100 to 0x103 only; of 0x0FE to 0x107 it gets:');
  fd.configureAcceptanceFilters([new FilterConfiguration(0x100, 0x7fc, FrameFormat.Base)]);
  const row = Array.from({ length: 10 }, (_, i) => ({
    frame: new DataFrame(FrameFormat.Base, 0xfe + i, Uint8Array.of(i)),
    loopback: false,
  }));
  console.log(`  (${await classic.send(row, inMs(PATIENCE_MS))} frames sent)`);
  await lines(3 + 4);

  console.log('\nThe accounts:');
  const accounts = { classic: classic.statistics, fd: fd.statistics };
  for (const name of ['sent', 'received', 'receivedOwn', 'dropped'] as const) {
    console.log(`  ${name.padEnd(12)} classic ${accounts.classic[name]}, FD ${accounts.fd[name]}`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
