/** The public API of socketcan-ffi. Users can import only the names that this file exports. */

// raw: sockets for CAN and CAN FD frames
export { CANSocket } from './raw/can-socket';
export type { CANSocketEvents, SocketState } from './raw/events';
export type { CANSocketOptions } from './raw/options';
export type { FrameIteration, ReceivedFrame } from './raw/receive/received-frame';
export type { SocketStatistics } from './raw/statistics';
export type { SendOrder } from './raw/transmit/order';
export type { SendOptions } from './raw/transmit/send-options';

// channel and poller: what all kinds of sockets share
export type { TimestampSource } from './channel/endpoint';
export type { IterationOptions } from './channel/receive/iteration';
export type { PollerKind } from './poller/kinds';

// frame: frames, their text and time, and filters
export type { CANFilter } from './frame/can-filter';
export { DataFrame, type DataFrameFlags } from './frame/data-frame';
export { ErrorFrame } from './frame/error-frame';
export { ErrorClass } from './frame/error-names';
export { FilterConfiguration } from './frame/filter-configuration';
export { FrameFormat } from './frame/format';
export type { Frame } from './frame/frame';
export { parseFrame } from './frame/frame-text';
export { optimizeFilterConfigurations } from './frame/optimize-filters';
export { RemoteFrame } from './frame/remote-frame';
export { frameBits, frameTimeNs, type FrameBits } from './frame/timing/frame-time';

// log: files of frames
export { formatLogLine, parseLogLine } from './log/formats/candump';
export { parseLog, type InvalidLogLine, type LogSource, type ParseLogOptions } from './log/reader';
export type { LogRecord } from './log/record';
export { formatLog, type FormatLogOptions } from './log/writer';

// netlink: network interfaces and their controllers
export type { CANInterface } from './netlink/can-interface';
export type { CANController, ControllerMode, ControllerState, DeviceStatistics } from './netlink/controller';
export type { Link } from './netlink/link';
export { listInterfaces } from './netlink/list-interfaces';
export type { Traffic } from './netlink/traffic';

// media: the transport interface of Cyphal/CAN
export {
  MediaError,
  type Envelope,
  type ErrorHandler,
  type Media,
  type ReceivedEnvelope,
  type ReceivedFramesHandler,
} from './media/media';
export { SocketCANMedia, type SocketCANMediaEvents, type SocketCANMediaOptions } from './media/socketcan-media';

// virtual: buses inside the process
export { VirtualBus } from './virtual/bus';
export type { BusFaults, FaultKind } from './virtual/faults';
export type { RecordedFrame } from './virtual/recording';
export type { BusSettings } from './virtual/settings';

// Errors, results and timestamps
export { SocketCANError, type SocketCANErrorCode } from './errors';
export type { SystemError } from './libc/errors';
export type { Confirmation, SendResult } from './send-result';
export type { Timestamp } from './timestamp';
