import {
  parentPort,
  receiveMessageOnPort,
  workerData,
  type MessagePort,
} from 'node:worker_threads';
import {
  CLOCK_MONOTONIC,
  clock_gettime,
  EAGAIN,
  EBADF,
  ENODEV,
  ENXIO,
  host,
  loadLibC,
  poll,
  POLLIN,
  POLLNVAL,
  read,
} from '../libc';
import { ClockOffset } from './clock-offset';
import { Receiver } from './receiver';
import { Ring } from './ring';
import { Shared, type Command, type Report, type ThreadData } from './messages';

/** The longest a lost wake-up can go unnoticed. */
const POLL_TIMEOUT_MS = 1000;

/** Batches from one socket before the others have their turn. */
const BATCHES_IN_TURN = 16;

/** A socket that fails this often in a row, without a frame or an empty queue in between, is given up. */
const FAULTS_IN_A_ROW = 8;

/** Error numbers after which a socket never receives again. */
const FATAL: ReadonlySet<number> = new Set([EBADF, ENODEV, ENXIO]);

interface Source {
  readonly id: number;
  readonly fd: number;
  readonly ring: Ring;
  readonly receiver: Receiver;
  /** Errors the kernel has handed out, to be reported after the frames that were queued before them. */
  readonly held: { readonly errno: number; readonly monotonicNs: bigint }[];
  /** Tickets of those who wait for the socket to be empty. */
  readonly drains: number[];
  /** Errors in a row, without a frame or an empty socket in between. */
  faults: number;
  dead: boolean;
}

const { control, shared } = workerData as ThreadData;
const flags = new Int32Array(shared);
const port = parentPort as MessagePort;
const clock = new ClockOffset();
const sources = new Map<number, Source>();

/** The pollfds: the control eventfd first, then the sources in the order of `polled`. */
let fds = new Int16Array(0);
let polled: Source[] = [];

function report(message: Report): void {
  port.postMessage(message);
}

function wake(): void {
  if (Atomics.exchange(flags, Shared.wake, 1) === 0) report({ kind: 'wake' });
}

/** Lays the pollfds anew. Sources without room in their ring, and dead ones, are not among them. */
function layPollfds(): void {
  polled = [...sources.values()].filter((source) => !source.dead && !source.ring.stalled);
  const { size, offset } = host.pollfd;
  fds = new Int16Array(((polled.length + 1) * size) / 2);
  const numbers = new Int32Array(fds.buffer);
  [control, ...polled.map((source) => source.fd)].forEach((fd, index) => {
    numbers[(index * size + offset.fd) / 4] = fd;
    fds[(index * size + offset.events) / 2] = POLLIN;
  });
}

function returnedEvents(index: number): number {
  return fds[(index * host.pollfd.size + host.pollfd.offset.revents) / 2] as number;
}

function hold(source: Source, errno: number): void {
  source.faults++;
  // One after another when an interface is removed: ENETDOWN, ENODEV.
  source.held.push({ errno, monotonicNs: clock_gettime(CLOCK_MONOTONIC) });
}

/** Reports the errors that were held, now that all frames before them are in the ring, and that they are. */
function release(source: Source): void {
  const { id, held, drains } = source;
  const tooMany = source.faults >= FAULTS_IN_A_ROW;
  for (const [index, error] of held.entries()) {
    const final = FATAL.has(error.errno) || (tooMany && index === held.length - 1);
    source.dead ||= final;
    report({ kind: 'fault', id, ...error, final });
  }
  held.length = 0;
  for (const ticket of drains) report({ kind: 'drained', id, ticket });
  drains.length = 0;
}

/** Whether a socket is to be read though poll(2) may say nothing of it. */
function isUnfinished(source: Source): boolean {
  const { held, drains, receiver } = source;
  const waits = held.length > 0 || drains.length > 0 || receiver.hasFault;
  return waits && !source.dead && !source.ring.stalled;
}

/**
 * Reads what a socket has. After an error it reads on, since the kernel hands out a pending error
 * before the frames that were queued ahead of it; only when there are no more is the error reported.
 * Returns whether the pollfds must be laid anew.
 */
function receive(source: Source): boolean {
  for (let batch = 0; batch < BATCHES_IN_TURN; batch++) {
    if (source.ring.free === 0 && source.ring.stall()) return true;
    const received = source.receiver.receive();
    if (received > 0) {
      source.faults = 0;
      wake();
      const awaited = source.held.length > 0 || source.drains.length > 0;
      if (source.receiver.drained && !awaited) return false;
    } else if (received === -EAGAIN || received === 0) {
      release(source);
      source.faults = 0;
      return source.dead;
    } else {
      hold(source, -received);
      if (source.faults >= FAULTS_IN_A_ROW) {
        release(source);
        return true;
      }
    }
  }
  return false;
}

/** Obeys what has been sent; false when told to end. */
function obey(): boolean {
  for (;;) {
    const next = receiveMessageOnPort(port) as { message: Command } | undefined;
    if (next === undefined) return true;
    const command = next.message;
    switch (command.kind) {
      case 'add': {
        const ring = Ring.attach(command.ring);
        const receiver = new Receiver(command.fd, ring, command.sinceNs, undefined, clock);
        const { id, fd } = command;
        sources.set(id, { id, fd, ring, receiver, held: [], drains: [], faults: 0, dead: false });
        break;
      }
      case 'drain': {
        const source = sources.get(command.id);
        source?.drains.push(command.ticket);
        if (source?.dead === true) release(source);
        break;
      }
      case 'remove':
        sources.delete(command.id);
        // Before the answer: from then on the number may belong to another file.
        layPollfds();
        report({ kind: 'removed', id: command.id });
        break;
      case 'stop':
        return false;
    }
  }
}

function run(): void {
  const count = new Uint8Array(8);
  // All functions are declared before anyone may end this thread: torn down in the middle of that,
  // koffi aborts the process.
  loadLibC();
  clock_gettime(CLOCK_MONOTONIC);
  layPollfds();
  Atomics.store(flags, Shared.ready, 1);
  Atomics.notify(flags, Shared.ready);
  report({ kind: 'ready' });

  while (Atomics.load(flags, Shared.stop) === 0) {
    const unfinished = [...sources.values()].filter(isUnfinished);
    const timeout = unfinished.length > 0 ? 0 : POLL_TIMEOUT_MS;
    const ready = poll(new Uint8Array(fds.buffer), polled.length + 1, timeout);
    let changed = false;
    for (const source of unfinished) changed = receive(source) || changed;
    if (ready > 0) {
      for (let index = 0; index < polled.length; index++) {
        const source = polled[index] as Source;
        const events = returnedEvents(index + 1);
        if (events & POLLNVAL) {
          hold(source, EBADF);
          release(source);
          changed = true;
        } else if (events !== 0) {
          changed = receive(source) || changed;
        }
      }
      if (returnedEvents(0) !== 0) {
        read(control, count);
        if (!obey()) return;
        changed = true;
      }
    }
    if (changed) layPollfds();
  }
}

try {
  run();
} finally {
  // Also where the set-up failed: the exit hook waits for no other sign.
  Atomics.store(flags, Shared.ready, 1);
  Atomics.notify(flags, Shared.ready);
}
