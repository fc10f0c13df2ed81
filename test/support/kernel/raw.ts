import {
  AF_CAN,
  CAN_RAW,
  CAN_RAW_FD_FRAMES,
  CAN_RAW_FILTER,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SO_RCVBUFFORCE,
  SOCK_RAW,
  SOL_CAN_RAW,
  SOL_SOCKET,
} from '../../../src/libc/constants';
import { EAGAIN } from '../../../src/libc/errno';
import { check } from '../../../src/libc/errors';
import { close, read } from '../../../src/libc/file';
import { if_nametoindex } from '../../../src/libc/interface';
import { host } from '../../../src/libc/layouts';
import { sendto } from '../../../src/libc/message';
import { bind, setsockopt, setsockoptInt, socket } from '../../../src/libc/socket';
import { until } from '../waiting/until';

function openRaw(interfaceName: string, fd: boolean): number {
  // Not for the processes that tests start: they would keep the module can_raw in use.
  const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const socketFd = check(socket(AF_CAN, type, CAN_RAW), 'socket');
  check(setsockoptInt(socketFd, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, fd ? 1 : 0), 'setsockopt');
  const can_ifindex = check(if_nametoindex(socketFd, interfaceName), 'if_nametoindex');
  check(bind(socketFd, host.sockaddr_can.make({ can_family: AF_CAN, can_ifindex })), 'bind');
  return socketFd;
}

/** A bare CAN_RAW socket that writes any bytes, valid or not. */
export class RawWriter {
  readonly #fd: number;

  /** @param fd whether it may write CAN FD frames */
  constructor(interfaceName: string, fd = true) {
    this.#fd = openRaw(interfaceName, fd);
  }

  /** Returns the number of bytes written, or a negative error number. */
  write(bytes: Uint8Array): number {
    return sendto(this.#fd, bytes, 0);
  }

  /** Writes a struct can_frame (16 bytes) or, with `fd`, a struct canfd_frame (72 bytes). */
  writeFrame(canId: number, length: number, fd = false, flags = 0): number {
    const frame = Buffer.alloc(fd ? 72 : 16);
    new Uint32Array(frame.buffer, frame.byteOffset, 1)[0] = canId;
    frame[4] = length;
    frame[5] = flags;
    frame.fill(0x5a, 8, 8 + Math.min(length, fd ? 64 : 8));
    return this.write(frame);
  }

  /** Writes an error frame of these classes; vcan delivers it to sockets with an error mask. */
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

/** A bare CAN_RAW socket that reads: what the kernel delivers, without this library. */
export class RawReader {
  readonly #fd: number;

  /** @param receiveBufferSize in bytes, 768 a frame; needs CAP_NET_ADMIN. By default the system's */
  constructor(interfaceName: string, fd = true, receiveBufferSize?: number) {
    this.#fd = openRaw(interfaceName, fd);
    if (receiveBufferSize === undefined) return;
    check(setsockoptInt(this.#fd, SOL_SOCKET, SO_RCVBUFFORCE, receiveBufferSize), 'setsockopt');
  }

  /** Sets filters of any bytes. Returns 0, or a negative error number. */
  setFilters(bytes: Uint8Array): number {
    return setsockopt(this.#fd, SOL_CAN_RAW, CAN_RAW_FILTER, bytes);
  }

  /** Waits for so many frames and returns them: the kernel may deliver after the sender's call. */
  async take(count: number): Promise<Uint8Array[]> {
    const found: Uint8Array[] = [];
    await until(() => found.push(...this.frames()) >= count, `${count} frames`);
    return found;
  }

  /** All frames that are queued now, each 16 or 72 bytes. */
  frames(): Uint8Array[] {
    const found: Uint8Array[] = [];
    for (;;) {
      const bytes = new Uint8Array(80);
      const length = read(this.#fd, bytes);
      if (length === -EAGAIN) return found;
      found.push(bytes.subarray(0, check(length, 'read')));
    }
  }

  close(): void {
    close(this.#fd);
  }
}
