/** Linux SocketCAN for Node.js, purely by FFI. This is the whole public surface. */
export { SocketCANError, type SocketCANErrorCode } from './errors';
export {
  DataFrame,
  ErrorClass,
  ErrorFrame,
  FilterConfiguration,
  formatLog,
  formatLogLine,
  FrameFormat,
  optimizeFilterConfigurations,
  parseFrame,
  parseLog,
  parseLogLine,
  RemoteFrame,
  type DataFrameFlags,
  type FormatLogOptions,
  type Frame,
  type InvalidLogLine,
  type LogRecord,
  type LogSource,
  type ParseLogOptions,
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
