import { EFD_CLOEXEC, EFD_NONBLOCK } from '../libc/constants';
import { check } from '../libc/errors';
import { clear, eventfd } from '../libc/eventfd';
import { close } from '../libc/file';
import { watchReadable, type ReadableWatch } from '../libc/readable';

/**
 * An eventfd(2) by which another thread wakes the event loop of this one. A message to a MessagePort takes a lock,
 * for which the receiver often has to wait (docs/performance.md).
 */
export class WakeUpFd {
  /** The descriptor that the other thread writes to. */
  readonly fd: number;
  readonly #watch: ReadableWatch;

  /**
   * Creates the eventfd and watches it. It does not keep the process alive.
   *
   * @param onWake called outside of Node's own callbacks: it must only schedule something
   * @throws {SystemError} `EMFILE` or `ENFILE` if no descriptor is left
   */
  constructor(onWake: () => void) {
    this.fd = check(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), 'eventfd');
    try {
      this.#watch = watchReadable(this.fd, () => {
        // Otherwise the descriptor stays readable, and the event loop calls again at once.
        clear(this.fd);
        onWake();
      });
    } catch (error) {
      close(this.fd);
      throw error;
    }
    this.#watch.setReferenced(false);
  }

  /** Closes the descriptor. Call it once, after the other thread has stopped writing to it. */
  close(): void {
    this.#watch.close();
    close(this.fd);
  }
}
