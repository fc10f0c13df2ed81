/** Raw CAN sockets, and the interfaces they are opened on. */
export { CANSocket, type CANSocketEvents, type SocketState } from './can-socket';
export type { CANFilter } from './filters';
export type {
  CANController,
  ControllerMode,
  ControllerState,
  DeviceStatistics,
} from './link/controller';
export { listInterfaces, type CANInterface } from './link/interfaces';
export type { Traffic } from './link/traffic';
export type { CANSocketOptions } from './options';
export type { PollerKind } from '../poller';
export type { FrameIteration, IterationOptions } from './iteration';
export type { ReceivedFrame } from './reception';
export type { Timestamp } from './timestamp';
export type { SendOptions } from './transmit/options';
export type { SocketStatistics } from './statistics';
export type { Confirmation, SendResult } from './transmit/result';
export type { SendOrder } from './transmit/order';
export { ListeningEmitter } from './listening-emitter';
