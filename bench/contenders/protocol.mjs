/**
 * A contender's side of the line protocol, for those that run in Node. An adapter opens the library in
 * question; the roles below are the same for all, so that no contender does more than another.
 *
 *   on start           READY
 *   MARK n             counts anew; MARKED; when n frames have come: RESULT {...}
 *   STAT               RESULT {...} at once, unless it was given already
 *   BLOCK ms           ARMED; the next frame keeps the main thread busy for so long
 *   GO n               role=send: sends n frames; RESULT {...}
 *   QUIT
 *
 * Arguments are NAME=VALUE: role=receive|send|pong|first, ifaces=vcan0,..., fd, latency, filters, rcvbuf, mode.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export function parseArguments() {
  const given = Object.fromEntries(process.argv.slice(2).map((each) => each.split(/=(.*)/s, 2)));
  return {
    role: given.role ?? 'receive',
    interfaces: (given.ifaces ?? 'vcan0').split(','),
    fd: given.fd === '1',
    latency: given.latency === '1',
    filters: Number(given.filters ?? 0),
    receiveBuffer: Number(given.rcvbuf ?? 212_992),
    mode: given.mode ?? 'one',
    variant: given.variant ?? '',
  };
}

export function say(line) {
  process.stdout.write(`${line}\n`);
}

function cpuUs() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function statusOf(field) {
  const found = new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(found?.[1]);
}

/** Memory and threads as the kernel counts them. */
export function footprint() {
  return { rssKiB: statusOf('VmRSS'), threads: statusOf('Threads') };
}

/** The sender's CLOCK_MONOTONIC in ns, from the first eight bytes of the payload. */
function sentAt(data) {
  const low = data[0] | (data[1] << 8) | (data[2] << 16) | (data[3] << 24);
  const high = data[4] | (data[5] << 8) | (data[6] << 16) | (data[7] << 24);
  return (high >>> 0) * 0x1_0000_0000 + (low >>> 0);
}

const TIMES = 400_000;

/** Counts what is received, and tells when all has come. */
export class Tally {
  #count = 0;
  #target = Infinity;
  #touched = 0;
  #cpu = 0;
  #reported = false;
  #times;
  #timed = 0;
  #blockMs = 0;

  constructor(latency) {
    this.#times = latency ? new Float64Array(TIMES) : undefined;
  }

  /** A handler's time, taken once a call; 0 where nobody measures latency. */
  now() {
    return this.#times === undefined ? 0 : Number(process.hrtime.bigint());
  }

  /** One frame, whose id and data are used. */
  frame(id, data, now) {
    this.#touched += id + data[0];
    this.#count++;
    if (this.#times !== undefined && this.#timed < TIMES) {
      this.#times[this.#timed++] = (now - sentAt(data)) / 1000;
    }
  }

  /** After the frames of one call of the handler. */
  done() {
    if (this.#count >= this.#target) this.report();
    if (this.#blockMs > 0) {
      const end = performance.now() + this.#blockMs;
      this.#blockMs = 0;
      while (performance.now() < end);
    }
  }

  mark(target) {
    this.#count = 0;
    this.#timed = 0;
    this.#reported = false;
    this.#target = target;
    say('MARKED');
    this.#cpu = cpuUs();
  }

  block(ms) {
    this.#blockMs = ms;
    say('ARMED');
  }

  report(more = {}) {
    const cpu = cpuUs() - this.#cpu;
    const atNs = process.hrtime.bigint();
    if (this.#reported) return;
    this.#reported = true;
    this.#target = Infinity;
    const times = (this.#times ?? new Float64Array(0)).slice(0, this.#timed).sort();
    const at = (q) => times[Math.floor((times.length - 1) * q)] ?? 0;
    const result = {
      frames: this.#count,
      cpuUs: cpu,
      atNs: String(atNs),
      ...footprint(),
      p50: at(0.5),
      p99: at(0.99),
      p999: at(0.999),
      max: at(1),
      ...more,
    };
    say(`RESULT ${JSON.stringify(result)}`);
  }
}

function commands(handlers) {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const [word, value] = line.split(' ');
    if (word === 'QUIT') process.exit(0);
    handlers[word]?.(Number(value));
  });
}

/**
 * @param adapter open(interface, settings) gives { receive(tally), reply(id), send(n, mode), statistics() }
 */
export async function contend(open) {
  const settings = parseArguments();
  if (settings.role === 'first') {
    first(open, settings);
    return;
  }
  const sockets = settings.interfaces.map((name) => open(name, settings));
  if (settings.role === 'send') {
    commands({ GO: (n) => void timedSend(sockets[0], n, settings) });
  } else if (settings.role === 'pong') {
    sockets[0].pong();
    commands({});
  } else {
    const tally = new Tally(settings.latency);
    for (const socket of sockets) socket.receive(tally);
    commands({
      MARK: (n) => tally.mark(n),
      STAT: () => tally.report({ statistics: sockets[0].statistics?.() }),
      BLOCK: (ms) => tally.block(ms),
    });
  }
  say('READY');
}

async function timedSend(socket, n, { mode }) {
  const cpu = cpuUs();
  const begin = process.hrtime.bigint();
  await socket.send(n, mode);
  const ns = Number(process.hrtime.bigint() - begin);
  say(`RESULT ${JSON.stringify({ frames: n, ns, cpuUs: cpuUs() - cpu })}`);
}

/** Opens, waits for one frame, then for a thousand, and tells when the first came and what memory is held. */
function first(open, settings) {
  let count = 0;
  let atNs = '';
  const tally = {
    now: () => 0,
    frame: () => {
      count++;
      if (count === 1) atNs = String(process.hrtime.bigint());
    },
    done: () => {
      if (count < 1000) return;
      count = -Infinity;
      say(`RESULT ${JSON.stringify({ atNs, ...footprint() })}`);
    },
  };
  open(settings.interfaces[0], settings).receive(tally);
  commands({});
  say('READY');
}
