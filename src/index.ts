/** Linux SocketCAN for Node.js, purely by FFI. This is the whole public surface. */
export {
  DataFrame,
  ErrorClass,
  ErrorFrame,
  FilterConfiguration,
  formatLogLine,
  FrameFormat,
  optimizeFilterConfigurations,
  parseFrame,
  parseLogLine,
  RemoteFrame,
  type DataFrameFlags,
  type Frame,
  type LogRecord,
} from './frame';
export type { SystemError } from './libc';
export * from './media';
export {
  CANSocket,
  listInterfaces,
  SocketCANError,
  type CANFilter,
  type CANInterface,
  type CANSocketEvents,
  type CANSocketOptions,
  type ReceivedFrame,
  type SendOptions,
  type SendResult,
  type SocketCANErrorCode,
  type SocketState,
  type SocketStatistics,
  type Timestamp,
} from './socket';
