/**
 * Measures the option sendBufferSize: the kernel's own send buffer against 'queue'. Needs root, CAN and the
 * package built:
 *
 *   npm run build && bash scripts/can-guest.sh --modules "vxcan sch_tbf" -- node bench/send-buffer.mjs
 *
 * A pair of vxcan, the near one with a queue of 10 or 100 frames that is emptied at 100 kbit/s (16 bytes a
 * frame in the kernel's count, so 781 frames/s). One call sends 600 frames; seven runs of each, in turn,
 * medians.
 */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';

const { CANSocket, DataFrame } = createRequire(import.meta.url)('../dist/index.js');

const FRAMES = 600;
const RUNS = 7;
const run = (command) => execFileSync('sh', ['-c', command], { stdio: 'inherit' });
const frames = Array.from({ length: FRAMES }, (_, i) => new DataFrame(29, i, new Uint8Array(8)));
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

async function once(sendBufferSize) {
  const socket = new CANSocket('vxa', { fd: false, ...(sendBufferSize ? { sendBufferSize } : {}) });
  const cpu = process.cpuUsage();
  const begin = process.hrtime.bigint();
  const { sent } = await socket.send(frames, { timeoutMs: 30_000 });
  const ms = Number(process.hrtime.bigint() - begin) / 1e6;
  const { user, system } = process.cpuUsage(cpu);
  const { retries } = socket.statistics;
  await socket.close();
  await new Promise((resolve) => setTimeout(resolve, 400)); // What is queued leaves.
  if (sent !== FRAMES) throw new Error(`${sent} of ${FRAMES} sent`);
  return { ms, retries, cpuMs: (user + system) / 1000 };
}

async function two(sendBufferSize) {
  const options = { fd: false, ...(sendBufferSize ? { sendBufferSize } : {}) };
  const sockets = [new CANSocket('vxa', options), new CANSocket('vxa', options)];
  const begin = process.hrtime.bigint();
  const ends = await Promise.all(
    sockets.map(async (socket) => {
      await socket.send(frames.slice(0, FRAMES / 2), { timeoutMs: 30_000 });
      return Number(process.hrtime.bigint() - begin) / 1e6;
    }),
  );
  await Promise.all(sockets.map((socket) => socket.close()));
  await new Promise((resolve) => setTimeout(resolve, 400));
  return Math.max(...ends) - Math.min(...ends);
}

run('ip link add vxa up type vxcan peer name vxb && ip link set vxb up');
console.log(
  '| queue | send buffer | whole call, ms | times tried again | CPU, ms | two sockets: one ends before the other by, ms |',
);
console.log('|---|---|---|---|---|---|');
for (const length of [10, 100]) {
  run(`ip link set vxa txqueuelen ${length}`);
  run(`tc qdisc replace dev vxa root tbf rate 100kbit burst 64 limit ${16 * length}`);
  /** @type {Map<'queue' | undefined, any[]>} */
  const results = new Map([
    [undefined, []],
    ['queue', []],
  ]);
  /** @type {Map<'queue' | undefined, number[]>} */
  const gaps = new Map([
    [undefined, []],
    ['queue', []],
  ]);
  for (let i = 0; i < RUNS; i++) {
    for (const setting of results.keys()) {
      results.get(setting)?.push(await once(setting));
      gaps.get(setting)?.push(await two(setting));
    }
  }
  for (const [setting, all] of results) {
    const column = (name) => Math.round(median(all.map((each) => each[name])));
    console.log(
      `| ${length} frames | ${setting ?? "the kernel's own"} | ${column('ms')} | ${column('retries')} | ${column('cpuMs')} | ${Math.round(median(gaps.get(setting)))} |`,
    );
  }
}
run('ip link del vxa');
