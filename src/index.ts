/** Linux SocketCAN for Node.js, purely by FFI. This is the whole public surface. */
export { SocketCANError, type SocketCANErrorCode } from './errors';
export {
  DataFrame,
  ErrorClass,
  ErrorFrame,
  FilterConfiguration,
  formatLogLine,
  frameBits,
  FrameFormat,
  frameTimeNs,
  optimizeFilterConfigurations,
  parseFrame,
  parseLogLine,
  RemoteFrame,
  type DataFrameFlags,
  type Frame,
  type FrameBits,
  type LogRecord,
} from './frame';
export type { SystemError } from './libc';
export * from './media';
export {
  CANSocket,
  listInterfaces,
  type CANController,
  type CANFilter,
  type CANInterface,
  type CANSocketEvents,
  type CANSocketOptions,
  type ControllerMode,
  type ControllerState,
  type DeviceStatistics,
  type FrameIteration,
  type IterationOptions,
  type ReceivedFrame,
  type Confirmation,
  type SendOptions,
  type SendOrder,
  type SendResult,
  type SocketState,
  type SocketStatistics,
  type Timestamp,
  type Traffic,
} from './socket';
export { VirtualBus, type BusFaults, type BusSettings, type RecordedFrame } from './virtual';
