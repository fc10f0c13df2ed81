import { errno, load } from 'koffi';

type Memory = Uint8Array | bigint | null;

/** The C functions, as koffi calls them: results raw, errors in errno. */
interface LibC {
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (fd: number, address: Memory, length: number) => number;
  readonly setsockopt: (fd: number, level: number, name: number, value: Memory, length: number) => number;
  readonly getsockopt: (fd: number, level: number, name: number, value: Memory, length: Memory) => number;
  readonly getsockname: (fd: number, address: Memory, length: Memory) => number;
  readonly socketpair: (domain: number, type: number, protocol: number, pair: Memory) => number;
  readonly recvmsg: (fd: number, message: Memory, flags: number) => number;
  readonly recvmmsg: (fd: number, messages: Memory, count: number, flags: number, timeout: Memory) => number;
  readonly sendto: (
    fd: number,
    data: Memory,
    length: number,
    flags: number,
    address: Memory,
    addressLength: number,
  ) => number;
  readonly send: (fd: number, data: Memory, length: number, flags: number) => number;
  readonly sendmsg: (fd: number, message: Memory, flags: number) => number;
  readonly sendmmsg: (fd: number, messages: Memory, count: number, flags: number) => number;
  readonly poll: (fds: Memory, count: number, timeoutMs: number) => number;
  readonly eventfd: (initial: number, flags: number) => number;
  readonly read: (fd: number, data: Memory, length: number) => number;
  readonly write: (fd: number, data: Memory, length: number) => number;
  readonly close: (fd: number) => number;
  readonly ioctl: (fd: number, request: number, argument: Memory) => number;
  readonly clock_gettime: (clock: number, time: Memory) => number;
}

/**
 * ssize_t is no type of koffi's: intptr_t has its size everywhere. Pointers are plain `void *`, so
 * that koffi hands over a Buffer's address and converts nothing.
 */
function declare(): LibC {
  // The process's own symbols: glibc and musl alike, and no library name to get wrong.
  const process = load(null);
  const c = (signature: string): unknown => process.func(signature);
  return {
    socket: c('int socket(int, int, int)'),
    bind: c('int bind(int, const void *, uint32_t)'),
    setsockopt: c('int setsockopt(int, int, int, const void *, uint32_t)'),
    getsockopt: c('int getsockopt(int, int, int, void *, void *)'),
    getsockname: c('int getsockname(int, void *, void *)'),
    socketpair: c('int socketpair(int, int, int, void *)'),
    recvmsg: c('intptr_t recvmsg(int, void *, int)'),
    recvmmsg: c('int recvmmsg(int, void *, unsigned int, int, void *)'),
    sendto: c('intptr_t sendto(int, const void *, size_t, int, const void *, uint32_t)'),
    send: c('intptr_t send(int, const void *, size_t, int)'),
    sendmsg: c('intptr_t sendmsg(int, const void *, int)'),
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
 * The C library, declared at the first call and not at import: importing this package works on any
 * platform, and a thread can choose the moment (an environment torn down while koffi declares
 * functions aborts the process).
 */
export function libc(): LibC {
  return (functions ??= declare());
}

/** -1 becomes the negative error number of this thread, as the kernel itself returns it. */
export function negated(result: number): number {
  return result === -1 ? -errno() : result;
}
