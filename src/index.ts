/** Linux SocketCAN for Node.js, purely by FFI. This is the whole public surface. */
export { SocketCANError, type SocketCANErrorCode } from './errors';
export { parseFrame } from './frame/frame-text';
export { formatLogLine, parseLogLine } from './log/formats/candump';
export type { LogRecord } from './log/record';
export { DataFrame, type DataFrameFlags } from './frame/data-frame';
export { ErrorFrame } from './frame/error-frame';
export { ErrorClass } from './frame/error-names';
export { FilterConfiguration } from './frame/filter-configuration';
export { FrameFormat } from './frame/format';
export type { Frame } from './frame/frame';
export { frameBits, frameTimeNs, type FrameBits } from './frame/timing/frame-time';
export { parseLog, type InvalidLogLine, type LogSource, type ParseLogOptions } from './log/reader';
export { formatLog, type FormatLogOptions } from './log/writer';
export { optimizeFilterConfigurations } from './frame/optimize-filters';
export { RemoteFrame } from './frame/remote-frame';
export type { SystemError } from './libc/errors';
export {
  MediaError,
  type Envelope,
  type ErrorHandler,
  type Media,
  type ReceivedEnvelope,
  type ReceivedFramesHandler,
} from './media/media';
export { SocketCANMedia, type SocketCANMediaEvents, type SocketCANMediaOptions } from './media/socketcan-media';
export type { CANFilter } from './frame/can-filter';
export type { PollerKind } from './poller/kinds';
export { CANSocket } from './raw/can-socket';
export type { CANSocketEvents, SocketState } from './raw/events';
export type { FrameIteration } from './raw/receive/received-frame';
export type { IterationOptions } from './channel/iteration';
export type { CANController, ControllerMode, ControllerState, DeviceStatistics } from './netlink/controller';
export type { CANInterface } from './netlink/can-interface';
export type { Link } from './netlink/link';
export { listInterfaces } from './netlink/list-interfaces';
export type { Traffic } from './netlink/traffic';
export type { CANSocketOptions } from './raw/options';
export type { ReceivedFrame } from './raw/receive/received-frame';
export type { SocketStatistics } from './raw/statistics';
export type { Timestamp } from './timestamp';
export type { SendOptions } from './raw/transmit/send-options';
export type { SendOrder } from './raw/transmit/order';
export type { Confirmation, SendResult } from './send-result';
export { VirtualBus } from './virtual/bus';
export type { BusFaults, FaultKind } from './virtual/faults';
export type { RecordedFrame } from './virtual/recording';
export type { BusSettings } from './virtual/settings';
