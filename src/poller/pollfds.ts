import { POLLIN } from '../libc/constants';
import { host } from '../libc/layouts';
import { poll } from '../libc/poll';

const { size: SIZE, offset } = host.pollfd;

/** An array of struct pollfd for poll(2). It is rebuilt when the descriptors change, not for every call. */
export class Pollfds {
  #bytes = new Uint8Array(0);
  #numbers = new Int32Array(0);
  #events = new Int16Array(0);

  /** Replaces all descriptors. Each is known by its index from now on. */
  replaceAll(descriptors: readonly number[]): void {
    this.#bytes = new Uint8Array(descriptors.length * SIZE);
    this.#numbers = new Int32Array(this.#bytes.buffer);
    this.#events = new Int16Array(this.#bytes.buffer);
    descriptors.forEach((fd, index) => {
      this.set(index, fd);
      this.#events[(index * SIZE + offset.events) / 2] = POLLIN;
    });
  }

  /** Replaces one descriptor. poll(2) ignores negative ones. */
  set(index: number, fd: number): void {
    this.#numbers[(index * SIZE + offset.fd) / 4] = fd;
  }

  /** Calls poll(2). Returns how many descriptors have events, 0 after the timeout, or a negative error number. */
  wait(timeoutMs: number): number {
    return poll(this.#bytes, this.#bytes.byteLength / SIZE, timeoutMs);
  }

  /** Returns the events that the last {@link wait} found at this index: POLLIN, POLLERR, POLLNVAL, ... */
  returned(index: number): number {
    return this.#events[(index * SIZE + offset.revents) / 2] as number;
  }
}
