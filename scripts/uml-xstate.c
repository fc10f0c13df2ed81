/*
 * Preloaded into user-mode Linux by scripts/can-guest.sh on CPUs with AMX.
 *
 * User-mode Linux 6.1 saves and restores 2696 bytes of floating point state per process. A CPU with AMX
 * has more (11,008 bytes), and ptrace(2) refuses to set a part of it (EFAULT): the guest panics at boot.
 * This ptrace() reads the whole state, replaces the part it was given, and sets the whole.
 */
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static long call(long request, long pid, void *address, void *data)
{
    return syscall(SYS_ptrace, request, pid, address, data);
}

static long set_state(long pid, void *type, struct iovec *part)
{
    static __thread char bytes[1 << 16];
    struct iovec whole = {bytes, sizeof bytes};
    if (call(PTRACE_GETREGSET, pid, type, &whole) < 0)
        return -1;
    if (part->iov_len >= whole.iov_len)
        return call(PTRACE_SETREGSET, pid, type, part);
    memcpy(bytes, part->iov_base, part->iov_len);
    return call(PTRACE_SETREGSET, pid, type, &whole);
}

/* ptrace(2): the system call stores the result of these three, which the C library returns. */
static long peek(long request, long pid, void *address)
{
    long word = 0;
    if (call(request, pid, address, &word) < 0)
        return -1;
    errno = 0;
    return word;
}

long ptrace(enum __ptrace_request request, ...)
{
    va_list list;
    va_start(list, request);
    long pid = va_arg(list, pid_t);
    void *address = va_arg(list, void *);
    void *data = va_arg(list, void *);
    va_end(list);
    if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA || request == PTRACE_PEEKUSER)
        return peek(request, pid, address);
    if (request == PTRACE_SETREGSET && address == (void *)NT_X86_XSTATE)
        return set_state(pid, address, data);
    return call(request, pid, address, data);
}
