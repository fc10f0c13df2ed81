import {
  AF_CAN,
  bind,
  CAN_RAW,
  CAN_RAW_FD_FRAMES,
  check,
  close,
  host,
  if_nametoindex,
  sendto,
  setsockoptInt,
  SOCK_RAW,
  socket,
  SOL_CAN_RAW,
} from '../../src/libc';

/** A bare CAN_RAW socket that writes any bytes, valid or not: the bad neighbour on the bus. */
export class RawWriter {
  readonly #fd: number;

  constructor(interfaceName: string) {
    this.#fd = check(socket(AF_CAN, SOCK_RAW, CAN_RAW), 'socket');
    check(setsockoptInt(this.#fd, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, 1), 'setsockopt');
    const can_ifindex = check(if_nametoindex(interfaceName), 'if_nametoindex');
    check(bind(this.#fd, host.sockaddr_can.make({ can_family: AF_CAN, can_ifindex })), 'bind');
  }

  /** The bytes written, or a negative error number. */
  write(bytes: Uint8Array): number {
    return sendto(this.#fd, bytes, 0);
  }

  /** struct can_frame (16 bytes) or, with more than 8 bytes or `fd`, struct canfd_frame (72). */
  writeFrame(canId: number, length: number, fd = false, flags = 0): number {
    const frame = Buffer.alloc(fd ? 72 : 16);
    new Uint32Array(frame.buffer, frame.byteOffset, 1)[0] = canId;
    frame[4] = length;
    frame[5] = flags;
    frame.fill(0x5a, 8, 8 + Math.min(length, fd ? 64 : 8));
    return this.write(frame);
  }

  /** An error frame of these classes; vcan hands it to sockets with an error mask. */
  writeError(classes: number, data: readonly number[]): number {
    const frame = Buffer.alloc(16);
    new Uint32Array(frame.buffer, frame.byteOffset, 1)[0] = classes | 0x20000000;
    frame[4] = 8;
    frame.set(data, 8);
    return this.write(frame);
  }

  close(): void {
    close(this.#fd);
  }
}
