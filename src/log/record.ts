import type { Frame } from '../frame/frame';

/** One frame of a log, with its time and interface. */
export interface LogRecord {
  /** System time (CLOCK_REALTIME) in nanoseconds since 1970, 0 or more. */
  readonly systemNs: bigint;
  /** The name of the interface: at least one character, without white space. */
  readonly interfaceName: string;
  /** A data, remote or error frame. */
  readonly frame: Frame;
  /** Received from the bus ('rx') or sent by this host ('tx'). candump writes it as R or T with option -x. */
  readonly direction?: 'rx' | 'tx' | undefined;
}
