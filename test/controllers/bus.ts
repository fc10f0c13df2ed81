import { readdirSync, readFileSync } from 'node:fs';
import { DataFrame, FrameFormat, type Frame } from '../../src';
import { ip, tc } from '../support/kernel/guest';
import { ListeningSocket } from '../support/sockets/listening-socket';
import { run } from '../support/kernel/shell';

/*
 * The two controllers of scripts/can-controllers.sh, can0 and can1, on one bus. QEMU's bus takes no time
 * and acknowledges every frame, also without a listener; see docs/controllers.md.
 */

/** Time for a send that must succeed, in ms: only a hang takes longer, also on a busy machine. */
export const LONG_TIMEOUT = { timeoutMs: 100_000 };

/** Fails the tests of a describe block on a machine without the two controllers. */
export function needControllers(): void {
  before(() => {
    const found = readdirSync('/sys/class/net');
    if (found.includes('can0') && found.includes('can1')) return;
    throw new Error('This machine lacks can0 or can1. Run: npm test -- controllers');
  });
}

/** Sets a controller up as scripts/can-controllers.sh does. */
export function configure(name: string, bitrate = 500_000): void {
  ip('link', 'set', name, 'down');
  ip('link', 'set', name, 'up', 'type', 'can', 'bitrate', String(bitrate), 'restart-ms', '100');
}

/** The kernel's counts of an interface, read from sysfs and not by the library under test. */
export class Netdev {
  readonly #name: string;
  readonly #begin = new Map<string, number>();

  /** Counts from now on. */
  constructor(name: string) {
    this.#name = name;
    for (const counter of readdirSync(`/sys/class/net/${name}/statistics`)) {
      this.#begin.set(counter, this.#read(counter));
    }
  }

  #read(counter: string): number {
    return Number(readFileSync(`/sys/class/net/${this.#name}/statistics/${counter}`, 'utf8'));
  }

  #since(counter: string): number {
    return this.#read(counter) - (this.#begin.get(counter) ?? 0);
  }

  /** Frames the controller has sent. */
  get sent(): number {
    return this.#since('tx_packets');
  }

  /** Frames the controller has given to the kernel. */
  get received(): number {
    return this.#since('rx_packets');
  }

  /** Overruns that the controller has reported: each time it lost one frame or more. */
  get overruns(): number {
    return this.#since('rx_over_errors');
  }

  /** Frames the kernel took from a socket and dropped before the controller, where it counts them. */
  get unsent(): number {
    return this.#since('tx_dropped');
  }

  /** Frames, error frames included, that the kernel dropped before they reached a socket. */
  get dropped(): number {
    return this.#since('rx_dropped');
  }
}

/** Selects the CPU that handles the interrupts of a controller, from the next interrupt on. */
export function interruptsTo(name: string, cpu: 0 | 1): void {
  const irq = readFileSync(`/sys/class/net/${name}/device/irq`, 'utf8').trim();
  run('sh', '-c', `echo ${cpu} > /proc/irq/${irq}/smp_affinity_list`);
}

/** Sends an interface's frames at the pace of a wire, which QEMU's bus lacks; 10 frames have room. */
export function pace(name: string): void {
  const shape = ['rate', '500kbit', 'burst', '64', 'limit', '160'];
  tc('qdisc', 'replace', 'dev', name, 'root', 'tbf', ...shape);
}

/** A socket whose buffer has room for all frames of a test: 768 bytes of kernel memory a frame. */
export function roomy(name: string): ListeningSocket {
  return new ListeningSocket(name, {
    receiveBufferSize: 16 * 1024 * 1024,
    errorMask: 0x1fffffff,
  });
}

/** Extended frames of 8 bytes whose identifiers count up. */
export function numbered(count: number, first = 0): DataFrame[] {
  return Array.from(
    { length: count },
    (_, i) => new DataFrame(FrameFormat.Extended, first + i, new Uint8Array(8).fill(i & 0xff)),
  );
}

export function texts(frames: readonly Frame[]): string[] {
  return frames.map(String);
}
