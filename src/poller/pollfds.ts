import { POLLIN } from '../libc/constants';
import { host } from '../libc/layouts';
import { poll } from '../libc/poll';

const { size: SIZE, offset } = host.pollfd;

/** An array of struct pollfd, laid anew when its descriptors change, and not for every call. */
export class Pollfds {
  #bytes = new Uint8Array(0);
  #numbers = new Int32Array(0);
  #events = new Int16Array(0);

  /** Descriptors that are waited for, at these places from now on. */
  lay(descriptors: readonly number[]): void {
    this.#bytes = new Uint8Array(descriptors.length * SIZE);
    this.#numbers = new Int32Array(this.#bytes.buffer);
    this.#events = new Int16Array(this.#bytes.buffer);
    descriptors.forEach((fd, place) => {
      this.set(place, fd);
      this.#events[(place * SIZE + offset.events) / 2] = POLLIN;
    });
  }

  /** Another descriptor at this place; below 0 poll(2) passes it over. */
  set(place: number, fd: number): void {
    this.#numbers[(place * SIZE + offset.fd) / 4] = fd;
  }

  /** poll(2). How many have events, 0 after the time, or a negative error number. */
  wait(timeoutMs: number): number {
    return poll(this.#bytes, this.#bytes.byteLength / SIZE, timeoutMs);
  }

  /** What the last {@link wait} returned for this place: POLLIN, POLLERR, POLLNVAL, ... */
  returned(place: number): number {
    return this.#events[(place * SIZE + offset.revents) / 2] as number;
  }
}
