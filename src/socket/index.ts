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
export type { FrameIteration, IterationOptions } from './iteration';
export type { ReceivedFrame } from './reception';
export type { Timestamp } from './timestamp';
export type { SendOptions } from './send-options';
export type { SocketStatistics } from './statistics';
export type { SendResult } from './transmit-queue';
export { ListeningEmitter } from './listening-emitter';
