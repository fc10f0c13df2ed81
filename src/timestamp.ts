/** A moment on both of the host's clocks, in ns. */
export interface Timestamp {
  /** On CLOCK_REALTIME, ns since 1970. For a frame, the time at which the kernel received it. */
  readonly systemNs: bigint;
  /** The same moment on CLOCK_MONOTONIC, the clock of process.hrtime.bigint(). It never decreases between frames. */
  readonly monotonicNs: bigint;
  /**
   * For a frame, when the controller received it, in ns of the controller's own clock, which starts at an arbitrary
   * time. Only with `timestamps: 'hardware'`, if the driver stamped the frame.
   */
  readonly hardwareNs?: bigint;
}
