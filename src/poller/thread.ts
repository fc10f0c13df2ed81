import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { libc as loadLibC } from '../libc/bindings';
import { clock_gettime } from '../libc/clock';
import { CLOCK_REALTIME, POLLNVAL } from '../libc/constants';
import { clear, post } from '../libc/eventfd';
import { ClockOffset } from './clock-offset';
import { Coalescing } from './coalescing';
import { Shared, type Command, type Report, type ThreadData } from './messages';
import { PolledSocket } from './polled-socket';
import { Pollfds } from './pollfds';
import { Ring } from './ring';

/* The poller thread. It ends when the main thread requests it, see ./worker. */

/** How long a lost wake-up can go unnoticed, in ms. */
const POLL_TIMEOUT_MS = 1000;

/** Batches per wake-up of the main thread. One wake-up costs as much as receiving 60 packets. */
const BATCHES_PER_WAKE = 8;

/** The thread's side of one socket, which fills its ring. */
interface ProducerEntry {
  readonly fd: number;
  readonly socket: PolledSocket;
  readonly coalescing: Coalescing;
  /** Its index in the pollfds. */
  index: number;
  /** Reading is paused until then, in ms of performance.now(); 0: it is not paused. */
  pausedUntil: number;
}

const { controlFd, wakeUpFd, shared } = workerData as ThreadData;
const flags = new Int32Array(shared);
const port = parentPort as MessagePort;
const clock = new ClockOffset();
const entries = new Map<number, ProducerEntry>();

/** The control eventfd first, then the sockets in the order of `polled`. */
const pollfds = new Pollfds();
let polled: ProducerEntry[] = [];

/** The number of paused sockets. */
let paused = 0;

function report(message: Report): void {
  port.postMessage(message);
}

function wake(): void {
  if (Atomics.exchange(flags, Shared.wake, 1) !== 0) return;
  Atomics.add(flags, Shared.wakes, 1);
  if (wakeUpFd === undefined) report({ kind: 'wake' });
  else post(wakeUpFd);
}

/** Rebuilds the pollfds, without dead sockets and those whose ring is full. */
function updatePollfds(): void {
  polled = [...entries.values()].filter(({ socket }) => socket.readable);
  for (const [index, entry] of polled.entries()) entry.index = index + 1;
  pollfds.replaceAll([controlFd, ...polled.map(({ fd, pausedUntil }) => (pausedUntil > 0 ? -1 : fd))]);
}

function add({ id, fd, ring, layout, sinceNs, coalesceMs }: Command & { kind: 'add' }): void {
  const listener = {
    onRecords: wake,
    onError: (errno: number, monotonicNs: bigint, final: boolean) => {
      report({ kind: 'error', id, errno, monotonicNs, final });
    },
    onDrained: (ticket: number) => {
      report({ kind: 'drained', id, ticket });
    },
  };
  const socket = new PolledSocket(fd, Ring.attach(ring, layout), sinceNs, clock, listener, BATCHES_PER_WAKE);
  const coalescing = new Coalescing(coalesceMs);
  entries.set(id, { fd, socket, coalescing, index: 0, pausedUntil: 0 });
}

/** Carries out all waiting commands. Returns false for 'stop'. */
function applyCommands(): boolean {
  for (;;) {
    const next = receiveMessageOnPort(port) as { message: Command } | undefined;
    if (next === undefined) return true;
    const command = next.message;
    switch (command.kind) {
      case 'add':
        add(command);
        break;
      case 'drain':
        entries.get(command.id)?.socket.drain(command.ticket);
        break;
      case 'remove':
        if ((entries.get(command.id)?.pausedUntil ?? 0) > 0) paused--;
        entries.delete(command.id);
        // Stop polling before the report: after it, the descriptor's number can belong to another file.
        updatePollfds();
        report({ kind: 'removed', id: command.id });
        break;
      case 'stop':
        return false;
    }
  }
}

/** Reads a socket. Returns true when the pollfds must be rebuilt. */
function receive(entry: ProducerEntry): boolean {
  const { socket, coalescing } = entry;
  const { calls } = socket;
  const readable = socket.read();
  Atomics.add(flags, Shared.reads, socket.calls - calls);
  const ms = readable ? coalescing.after(socket.packets) : 0;
  if (ms > 0) {
    if (entry.pausedUntil === 0) paused++;
    entry.pausedUntil = performance.now() + ms;
    pollfds.set(entry.index, -1);
  } else if (entry.pausedUntil > 0) {
    // A drain() or an error caused this read before the pause was over, and the burst has ended.
    paused--;
    entry.pausedUntil = 0;
    pollfds.set(entry.index, entry.fd);
  }
  return !readable;
}

/** Reads the sockets whose pause is over. Returns true when the pollfds must be rebuilt. */
function endPauses(): boolean {
  const now = performance.now();
  let changed = false;
  for (const entry of entries.values()) {
    if (entry.pausedUntil === 0 || entry.pausedUntil > now) continue;
    entry.pausedUntil = 0;
    paused--;
    if (!entry.socket.readable) continue;
    pollfds.set(entry.index, entry.fd);
    changed = receive(entry) || changed;
  }
  return changed;
}

/** Returns how long to wait for the sockets, in ms. */
function timeout(): number {
  let ms = POLL_TIMEOUT_MS;
  const now = paused > 0 ? performance.now() : 0;
  for (const { socket, pausedUntil } of entries.values()) {
    if (socket.unfinished) return 0;
    if (pausedUntil > 0) ms = Math.min(ms, Math.max(0, Math.ceil(pausedUntil - now)));
  }
  return ms;
}

/** Reads the sockets that poll(2) reports. Returns true when the pollfds must be rebuilt. */
function receiveReady(): boolean {
  let changed = false;
  for (const entry of polled) {
    const events = pollfds.returned(entry.index);
    if (events & POLLNVAL) {
      entry.socket.handleBadDescriptor();
      changed = true;
    } else if (events !== 0) changed = receive(entry) || changed;
  }
  return changed;
}

function run(): void {
  // Declares all functions first, because koffi aborts the process if the thread is torn down during that.
  loadLibC();
  clock.calibrate(
    () => process.hrtime.bigint(),
    () => clock_gettime(CLOCK_REALTIME),
  );
  updatePollfds();
  Atomics.store(flags, Shared.ready, 1);
  Atomics.notify(flags, Shared.ready);

  while (Atomics.load(flags, Shared.stop) === 0) {
    const ready = pollfds.wait(timeout());
    Atomics.add(flags, Shared.polls, 1);
    let changed = paused > 0 && endPauses();
    for (const entry of entries.values()) {
      if (entry.socket.unfinished) changed = receive(entry) || changed;
    }
    if (ready > 0) {
      changed = receiveReady() || changed;
      if (pollfds.returned(0) !== 0) {
        clear(controlFd);
        if (!applyCommands()) return;
        changed = true;
      }
    }
    if (changed) updatePollfds();
  }
}

try {
  run();
} finally {
  // Set it after a failed start too, because the exit hook waits for it.
  Atomics.store(flags, Shared.ready, 1);
  Atomics.notify(flags, Shared.ready);
}
