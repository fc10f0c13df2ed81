import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { check, ioctl } from '../../../src/libc';
import { ip } from './guest';
import { until } from '../waiting/until';

/* asm-generic/ioctls.h, linux/tty.h, linux/sockios.h */
const TIOCSPTLCK = 0x40045431;
const TIOCGPTN = 0x80045430;
const TIOCSETD = 0x5423;
const N_SLCAN = 17;
const SIOCGIFNAME = 0x8910;

const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;

/** The numbers that an ioctl takes or gives by a pointer to an int. */
function intRequest(fd: number, request: number, value: number): number {
  const argument = new Int32Array([value]);
  check(ioctl(fd, request, new Uint8Array(argument.buffer)), 'ioctl');
  return argument[0] as number;
}

function isEmpty(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EAGAIN';
}

/**
 * A serial CAN adapter, played by the test at the master end of a pseudo-terminal; at the other end is
 * the kernel's slcan driver with a CAN interface of its own. The lines are those of the LAWICEL
 * protocol, each closed by a carriage return. Needs CAP_NET_ADMIN, slcan and devpts on /dev/pts.
 */
export class SlcanAdapter {
  /** As the driver named it, `can0` or the like; classic CAN. */
  readonly interfaceName: string;
  readonly #master: number;
  readonly #slave: number;
  #text = '';
  #open = true;

  constructor(up = true) {
    this.#master = openSync('/dev/ptmx', O_RDWR | O_NOCTTY | O_NONBLOCK);
    intRequest(this.#master, TIOCSPTLCK, 0);
    const number = intRequest(this.#master, TIOCGPTN, 0);
    this.#slave = openSync(`/dev/pts/${number}`, O_RDWR | O_NOCTTY);
    intRequest(this.#slave, TIOCSETD, N_SLCAN);
    const name = Buffer.alloc(16);
    check(ioctl(this.#slave, SIOCGIFNAME, name), 'ioctl');
    this.interfaceName = name.toString('latin1', 0, name.indexOf(0));
    if (up) ip('link', 'set', this.interfaceName, 'up');
  }

  /** Says these lines to the driver, which ignores all it says while the interface is down. */
  async say(...lines: readonly string[]): Promise<void> {
    for (const line of lines) await this.write(Buffer.from(`${line}\r`, 'latin1'));
  }

  /** Puts any bytes on the serial line, waiting where it is full. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length;) {
      await until(() => {
        try {
          from += writeSync(this.#master, bytes, from);
          return true;
        } catch (error) {
          if (isEmpty(error)) return false;
          throw error;
        }
      }, 'room on the serial line');
    }
  }

  /** The lines the driver has sent, without their carriage returns, once there are `count` of them; they are taken. */
  async lines(count: number): Promise<string[]> {
    await until(() => this.#read().split('\r').length > count, `${count} lines of the driver`);
    const lines = this.#text.split('\r');
    this.#text = lines.pop() ?? '';
    return lines;
  }

  /** What the driver has sent and nobody has taken, as it is now. */
  #read(): string {
    const chunk = Buffer.alloc(4096);
    for (;;) {
      try {
        const length = readSync(this.#master, chunk);
        if (length === 0) return this.#text;
        this.#text += chunk.toString('latin1', 0, length);
      } catch (error) {
        if (isEmpty(error)) return this.#text;
        throw error;
      }
    }
  }

  /** The adapter is pulled: the interface goes with it. Again is no error. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#master);
    closeSync(this.#slave);
  }
}
