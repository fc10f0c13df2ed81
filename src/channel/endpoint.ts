import type { Link } from '../netlink/link';
import type { RecordLayout } from '../poller/record';

/**
 * A socket that is open on one interface. A channel receives from its descriptor and sends by {@link send}. When the
 * interface is removed, the channel closes the endpoint and later opens another one by name.
 *
 * Each protocol extends it, for example by filters. Methods throw a SystemError if the system refuses a call.
 */
export interface Endpoint<Outgoing = never> {
  readonly fd: number;
  readonly interfaceName: string;
  /** The index of the interface, above 0. A new interface of the same name has another index. */
  readonly index: number;
  /** Monotonic time, in ns, before which the descriptor did not exist. */
  readonly openedNs: bigint;
  /** The layout of the packets that the descriptor receives. */
  readonly layout: RecordLayout;
  /** The receive buffer that the kernel granted, in bytes of kernel memory. */
  readonly receiveBufferSize: number;
  /** The kind of timestamps in use. */
  readonly timestamps: TimestampSource;
  /** The current state of the link, read from the system. */
  link(): Link;
  /** The current MTU of the interface, in bytes. Undefined if it cannot be read. */
  mtu(): number | undefined;
  /**
   * Sends the first `count` messages without blocking. Returns the number of messages that the kernel accepted, or a
   * negative error number if it refused the first one, as sendmmsg(2) does.
   */
  send(outgoing: Outgoing, count: number): number;
  /**
   * The number of messages that the kernel dropped at this socket because its receive buffer was full, modulo 2**32.
   * It is correct at any time. Undefined if the system does not report it.
   */
  drops(): number | undefined;
  close(): void;
}

/** Who takes the timestamps: the kernel, or the controller ('hardware') if its driver supports it. */
export type TimestampSource = 'software' | 'hardware';
