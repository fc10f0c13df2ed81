/** Linux, and nothing above a socket: the system calls, their structs and their numbers. */
export * from './constants';
export * from './errno';
export { libc as loadLibC } from './bindings';
export { check, errorName, systemError, type SystemError, type SystemErrorContext } from './errors';
export { host, layouts, type Layout } from './layouts';
export { LITTLE_ENDIAN } from './endian';
export { Memory } from './memory';
export { CMSG_ALIGN, CMSG_LEN, CMSG_SPACE, ControlWalk } from './cmsg';
export { close, ioctl, read, write } from './file';
export {
  bind,
  getsockname,
  getsockopt,
  getsockoptInt,
  setsockopt,
  setsockoptInt,
  socket,
  socketpair,
} from './socket';
export { recvmmsg, recvmsg, send, sendmmsg, sendmsg, sendto } from './message';
export {
  attributes,
  netlinkMessages,
  readU16,
  readU32,
  readU64,
  type NetlinkMessage,
} from './netlink';
export { eventfd } from './eventfd';
export { poll } from './poll';
export { clock_gettime } from './clock';
export {
  if_nametoindex,
  interfaceNameOf,
  interfaceRequest,
  timestampingOf,
  transmitQueueOf,
} from './interface';
