import { integer, within } from './arguments';
import { libc } from './bindings';
import { restarted } from './file';
import { host } from './layouts';

/**
 * poll(2) over the first `count` pollfds of `fds`. Returns how many have events, 0 after
 * `timeoutMs`, or a negative error number. A signal restarts the wait with its whole time.
 */
export function poll(fds: Uint8Array, count: number, timeoutMs: number): number {
  integer(count, 'The number of descriptors', 0);
  within(count * host.pollfd.size, fds.byteLength, 'The end of the pollfds');
  integer(timeoutMs, 'The timeout in ms', -1);
  return restarted(() => libc().poll(fds, count, timeoutMs));
}
