import { checkInt, checkLength } from './arguments';
import { libc } from './bindings';
import { retryInterrupted } from './file';
import { host } from './layouts';

/**
 * poll(2) on the first `count` pollfds of `fds`. Returns the number of descriptors with events, 0 after `timeoutMs`,
 * or a negative error number. After a signal it waits again for the whole time.
 */
export function poll(fds: Uint8Array, count: number, timeoutMs: number): number {
  checkInt('The number of descriptors', count, 0);
  checkLength('The end of the pollfds', count * host.pollfd.size, fds.byteLength);
  checkInt('The timeout in ms', timeoutMs, -1);
  return retryInterrupted(() => libc().poll(fds, count, timeoutMs));
}
