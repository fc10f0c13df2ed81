import { errno, load } from 'koffi';

/** A `void *`: the start of these bytes, an address, or NULL. */
type Pointer = Uint8Array | bigint | null;

/** The C functions as koffi calls them: they return -1 for an error and set errno. */
interface LibC {
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (fd: number, address: Pointer, length: number) => number;
  readonly setsockopt: (fd: number, level: number, name: number, value: Pointer, length: number) => number;
  readonly getsockopt: (fd: number, level: number, name: number, value: Pointer, length: Pointer) => number;
  readonly socketpair: (domain: number, type: number, protocol: number, pair: Pointer) => number;
  readonly recvmmsg: (fd: number, messages: Pointer, count: number, flags: number, timeout: Pointer) => number;
  readonly sendto: (
    fd: number,
    data: Pointer,
    length: number,
    flags: number,
    address: Pointer,
    addressLength: number,
  ) => number;
  readonly send: (fd: number, data: Pointer, length: number, flags: number) => number;
  readonly sendmmsg: (fd: number, messages: Pointer, count: number, flags: number) => number;
  readonly poll: (fds: Pointer, count: number, timeoutMs: number) => number;
  readonly eventfd: (initial: number, flags: number) => number;
  readonly read: (fd: number, data: Pointer, length: number) => number;
  readonly write: (fd: number, data: Pointer, length: number) => number;
  readonly close: (fd: number) => number;
  readonly ioctl: (fd: number, request: number, argument: Pointer) => number;
  readonly clock_gettime: (clock: number, time: Pointer) => number;
}

/**
 * koffi has no ssize_t; intptr_t has the same size on every machine. Pointers are `void *`, so that koffi passes the
 * address of a Buffer and converts nothing.
 */
function declare(): LibC {
  // The symbols of this process: works with glibc and musl, and needs no library name.
  const process = load(null);
  const c = (signature: string): unknown => process.func(signature);
  return {
    socket: c('int socket(int, int, int)'),
    bind: c('int bind(int, const void *, uint32_t)'),
    setsockopt: c('int setsockopt(int, int, int, const void *, uint32_t)'),
    getsockopt: c('int getsockopt(int, int, int, void *, void *)'),
    socketpair: c('int socketpair(int, int, int, void *)'),
    recvmmsg: c('int recvmmsg(int, void *, unsigned int, int, void *)'),
    sendto: c('intptr_t sendto(int, const void *, size_t, int, const void *, uint32_t)'),
    send: c('intptr_t send(int, const void *, size_t, int)'),
    sendmmsg: c('int sendmmsg(int, void *, unsigned int, int)'),
    poll: c('int poll(void *, unsigned long, int)'),
    eventfd: c('int eventfd(unsigned int, int)'),
    read: c('intptr_t read(int, void *, size_t)'),
    write: c('intptr_t write(int, const void *, size_t)'),
    close: c('int close(int)'),
    ioctl: c('int ioctl(int, unsigned long, void *)'),
    clock_gettime: c('int clock_gettime(int, void *)'),
  } as LibC;
}

let functions: LibC | undefined;

/**
 * The C library, declared at the first call. So importing this package works on every platform, and the thread
 * chooses the moment: if Node tears an environment down while koffi declares functions, the process aborts.
 */
export function libc(): LibC {
  return (functions ??= declare());
}

/** Converts the result -1 to the negative error number of this thread, as the kernel returns it. */
export function negativeErrno(result: number): number {
  return result === -1 ? -errno() : result;
}
