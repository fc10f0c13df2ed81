import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { check } from '../../../src/libc/errors';
import { ioctl } from '../../../src/libc/file';
import { until } from '../waiting/until';
import { changeLink } from './rtnetlink';

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
 * A serial CAN adapter. The test acts as the adapter at the master end of a pseudo-terminal. At the other
 * end the kernel's slcan driver makes a CAN interface. Lines follow the LAWICEL protocol, each ends with
 * a carriage return. Needs CAP_NET_ADMIN, slcan and devpts on /dev/pts.
 */
export class SlcanAdapter {
  /** The driver's name for it, like `can0`; classic CAN. */
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
    if (up) changeLink(this.interfaceName, { up });
  }

  /** Sends these lines to the driver, which ignores them while the interface is down. */
  async say(...lines: readonly string[]): Promise<void> {
    for (const line of lines) await this.write(Buffer.from(`${line}\r`, 'latin1'));
  }

  /** Writes any bytes to the serial line; waits while it is full. */
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

  /** Waits for `count` lines of the driver; takes all and returns them without carriage returns. */
  async lines(count: number): Promise<string[]> {
    await until(() => this.#read().split('\r').length > count, `${count} lines of the driver`);
    const lines = this.#text.split('\r');
    this.#text = lines.pop() ?? '';
    return lines;
  }

  /** What the driver has sent so far and nobody has taken. */
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

  /** Pulls the adapter: the interface is removed with it. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#master);
    closeSync(this.#slave);
  }
}
