import { LinkMonitor } from '../../../src/netlink/monitor';
import type { LinkSubscription } from '../../../src/netlink/link';

const ignore = { onLink: () => undefined, onMissed: () => undefined, onEnd: () => undefined };

/**
 * Keeps the poller thread while the tests of a suite run, by following the links: a thread takes 0.3 s to
 * start in the guest, and sockets share it. Call it in the body of describe().
 */
export function keepThread(): void {
  let keeper: LinkSubscription | undefined;
  before(() => {
    keeper = LinkMonitor.subscribe('thread', { ...ignore });
  });
  after(() => keeper?.remove());
}
