import { EFD_CLOEXEC, EFD_NONBLOCK } from '../libc/constants';
import { check } from '../libc/errors';
import { clear, eventfd } from '../libc/eventfd';
import { close } from '../libc/file';
import { watchReadable, type ReadableWatch } from '../libc/readable';

/**
 * How a thread wakes this one: an eventfd(2) that the event loop watches. A message to a MessagePort takes a lock,
 * for which the one that is woken waits more often than not (docs/performance.md).
 */
export class Bell {
  /** What is to be written to. */
  readonly fd: number;
  readonly #watch: ReadableWatch;

  /**
   * It keeps no process alive.
   *
   * @param onRing is called outside of Node's own callbacks, and must do no more than schedule something
   * @throws when there is no descriptor left
   */
  constructor(onRing: () => void) {
    this.fd = check(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), 'eventfd');
    try {
      this.#watch = watchReadable(this.fd, () => {
        // Or it would ring for ever.
        clear(this.fd);
        onRing();
      });
    } catch (error) {
      close(this.fd);
      throw error;
    }
    this.#watch.setReferenced(false);
  }

  /** Once only, and when nobody will write to it any more. */
  close(): void {
    this.#watch.close();
    close(this.fd);
  }
}
