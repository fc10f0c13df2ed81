/**
 * How fast `socketcan dump` and candump print to /dev/null, side by side:
 *
 *   npm run build
 *   bash scripts/can-guest.sh --timeout 120 -- node bench/dump.mjs [frames]
 *
 * Each program listens, with a receive buffer that holds all the frames, is stopped (SIGSTOP) while they
 * are sent, and then continued (SIGCONT): the time from there to its end, at the count, is what it needs
 * for them. Nothing is lost that way, which -n shows: it does not end otherwise. Wants CAN, root, can-utils.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

// Not by the name `require`, whose argument the type checker would want to find before it is built.
const load = createRequire(import.meta.url);
const { CANSocket, parseFrame } = load('../dist/index.js');
const bin = load.resolve('../dist/bin.js');

const COUNT = Number(process.argv[2] ?? 60_000);
const ROUNDS = 3;
const INTERFACE = 'vcan0';
/** A frame takes 768 bytes of it. */
const BUFFER = String(2 ** 26);
const FRAME = parseFrame('123#1122334455667788');

const programs = {
  candump: ['candump'],
  'candump -L': ['candump', '-L'],
  'socketcan dump': [process.execPath, bin, 'dump'],
  'socketcan dump -L': [process.execPath, bin, 'dump', '-L'],
};

function receivers() {
  const list = readFileSync('/proc/net/can/rcvlist_all', 'utf8');
  return list.split('\n').filter((line) => line.includes(INTERFACE)).length;
}

async function measure([program = '', ...args], sender) {
  const before = receivers();
  const output = openSync('/dev/null', 'w');
  const all = [...args, '-r', BUFFER, '-n', String(COUNT), INTERFACE];
  const child = spawn(program, all, { stdio: ['ignore', output, 'ignore'] });
  while (receivers() === before) await sleep(10);
  // Its threads start, too.
  await sleep(3000);
  child.kill('SIGSTOP');
  await sleep(50);
  const batch = Array.from({ length: 256 }, () => FRAME);
  for (let sent = 0; sent < COUNT; sent += batch.length) {
    await sender.send(batch.slice(0, COUNT - sent), { timeoutMs: 60_000 });
  }
  const started = performance.now();
  child.kill('SIGCONT');
  await once(child, 'exit');
  return (performance.now() - started) / 1000;
}

const sender = new CANSocket(INTERFACE);
/** @type {Record<string, number[]>} */
const results = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, command] of Object.entries(programs)) {
    results[name].push(await measure(command, sender));
  }
}
await sender.close();

console.log(`| program, to /dev/null | frames/s | seconds for ${COUNT} frames (${ROUNDS} runs) |`);
console.log('| --- | --- | --- |');
for (const [name, runs] of Object.entries(results)) {
  const median = runs.toSorted((a, b) => a - b)[Math.floor(runs.length / 2)];
  const times = runs.map((seconds) => seconds.toFixed(2)).join(', ');
  console.log(`| \`${name}\` | ${Math.round(COUNT / median)} | ${times} |`);
}
