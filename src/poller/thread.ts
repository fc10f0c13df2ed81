import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { libc as loadLibC } from '../libc/bindings';
import { clock_gettime } from '../libc/clock';
import { CLOCK_MONOTONIC, POLLNVAL } from '../libc/constants';
import { clear, post } from '../libc/eventfd';
import { ClockOffset } from './clock-offset';
import { Coalescing } from './coalescing';
import { Shared, type Command, type Report, type ThreadData } from './messages';
import { Pollfds } from './pollfds';
import { Ring } from './ring';
import { Source } from './source';

/** The longest a lost wake-up can go unnoticed. */
const POLL_TIMEOUT_MS = 1000;

/** Waking the main thread costs as much as receiving 60 frames. */
const BATCHES_A_WAKE = 8;

/** A source and the descriptor it reads. */
interface Member {
  readonly fd: number;
  readonly source: Source;
  readonly coalescing: Coalescing;
  /** Among the pollfds. */
  place: number;
  /** It is left alone until then, ms of performance.now(); 0: it is not. */
  quietUntil: number;
}

const { control, bell, shared } = workerData as ThreadData;
const flags = new Int32Array(shared);
const port = parentPort as MessagePort;
const clock = new ClockOffset();
const members = new Map<number, Member>();

/** The control eventfd first, then the members in the order of `polled`. */
const pollfds = new Pollfds();
let polled: Member[] = [];

/** Members that are left alone for a while. */
let quiet = 0;

function report(message: Report): void {
  port.postMessage(message);
}

function wake(): void {
  if (Atomics.exchange(flags, Shared.wake, 1) !== 0) return;
  Atomics.add(flags, Shared.wakes, 1);
  if (bell === undefined) report({ kind: 'wake' });
  else post(bell);
}

/** Sources without room in their ring, and dead ones, are not among them. */
function lay(): void {
  polled = [...members.values()].filter(({ source }) => source.open);
  for (const [index, member] of polled.entries()) member.place = index + 1;
  pollfds.lay([control, ...polled.map(({ fd, quietUntil }) => (quietUntil > 0 ? -1 : fd))]);
}

function add({ id, fd, ring, sinceNs, coalesceMs }: Command & { kind: 'add' }): void {
  const listener = {
    onRecords: wake,
    onFault: (errno: number, monotonicNs: bigint, final: boolean) => {
      report({ kind: 'fault', id, errno, monotonicNs, final });
    },
    onDrained: (ticket: number) => {
      report({ kind: 'drained', id, ticket });
    },
  };
  const source = new Source(fd, Ring.attach(ring), sinceNs, clock, listener, BATCHES_A_WAKE);
  const coalescing = new Coalescing(coalesceMs);
  members.set(id, { fd, source, coalescing, place: 0, quietUntil: 0 });
}

/** Obeys what has been sent; false when told to end. */
function obey(): boolean {
  for (;;) {
    const next = receiveMessageOnPort(port) as { message: Command } | undefined;
    if (next === undefined) return true;
    const command = next.message;
    switch (command.kind) {
      case 'add':
        add(command);
        break;
      case 'drain':
        members.get(command.id)?.source.drain(command.ticket);
        break;
      case 'remove':
        if ((members.get(command.id)?.quietUntil ?? 0) > 0) quiet--;
        members.delete(command.id);
        // Before the answer: from then on the number may belong to another file.
        lay();
        report({ kind: 'removed', id: command.id });
        break;
      case 'stop':
        return false;
    }
  }
}

/** Reads a member's socket; true when the pollfds are to be laid anew. */
function receive(member: Member): boolean {
  const { source, coalescing } = member;
  const { calls } = source;
  const open = source.read();
  Atomics.add(flags, Shared.reads, source.calls - calls);
  const ms = open ? coalescing.after(source.frames) : 0;
  if (ms > 0) {
    if (member.quietUntil === 0) quiet++;
    member.quietUntil = performance.now() + ms;
    pollfds.set(member.place, -1);
  } else if (member.quietUntil > 0) {
    // A drain() or an error has read it early, and the burst is over.
    quiet--;
    member.quietUntil = 0;
    pollfds.set(member.place, member.fd);
  }
  return !open;
}

/** Reads those that have been left alone long enough; true when the pollfds are to be laid anew. */
function endQuiet(): boolean {
  const now = performance.now();
  let changed = false;
  for (const member of members.values()) {
    if (member.quietUntil === 0 || member.quietUntil > now) continue;
    member.quietUntil = 0;
    quiet--;
    if (!member.source.open) continue;
    pollfds.set(member.place, member.fd);
    changed = receive(member) || changed;
  }
  return changed;
}

/** How long to wait for the sockets, in ms. */
function timeout(): number {
  let ms = POLL_TIMEOUT_MS;
  const now = quiet > 0 ? performance.now() : 0;
  for (const { source, quietUntil } of members.values()) {
    if (source.unfinished) return 0;
    if (quietUntil > 0) ms = Math.min(ms, Math.max(0, Math.ceil(quietUntil - now)));
  }
  return ms;
}

/** Reads what is ready; true when the pollfds are to be laid anew. */
function receiveReady(): boolean {
  let changed = false;
  for (const member of polled) {
    const events = pollfds.returned(member.place);
    if (events & POLLNVAL) {
      member.source.invalid();
      changed = true;
    } else if (events !== 0) changed = receive(member) || changed;
  }
  return changed;
}

function run(): void {
  // All functions are declared before anyone may end this thread: torn down in the middle of that,
  // koffi aborts the process.
  loadLibC();
  clock_gettime(CLOCK_MONOTONIC);
  lay();
  Atomics.store(flags, Shared.ready, 1);
  Atomics.notify(flags, Shared.ready);
  report({ kind: 'ready' });

  while (Atomics.load(flags, Shared.stop) === 0) {
    const ready = pollfds.wait(timeout());
    Atomics.add(flags, Shared.polls, 1);
    let changed = quiet > 0 && endQuiet();
    for (const member of members.values()) {
      if (member.source.unfinished) changed = receive(member) || changed;
    }
    if (ready > 0) {
      changed = receiveReady() || changed;
      if (pollfds.returned(0) !== 0) {
        clear(control);
        if (!obey()) return;
        changed = true;
      }
    }
    if (changed) lay();
  }
}

try {
  run();
} finally {
  // Also where the set-up failed: the exit hook waits for no other sign.
  Atomics.store(flags, Shared.ready, 1);
  Atomics.notify(flags, Shared.ready);
}
