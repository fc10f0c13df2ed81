/*
 * For LD_PRELOAD: has a program that opens CAN_RAW sockets use local sockets (AF_UNIX, SOCK_SEQPACKET)
 * instead, connected to bench/c/feeder.c, on machines whose kernel has no CAN. Only opening is intercepted:
 * receiving and sending go straight to the kernel, so what is measured is each contender's own cost.
 *
 * The interfaces are vcan0, vcan1, ... with the indices 1, 2, ...; BENCH_UNIX_DIR has their listeners.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/can.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define MAX_FD 65536

static char is_can[MAX_FD];

static int (*real_ioctl)(int, unsigned long, ...);

__attribute__((constructor)) static void begin(void) { real_ioctl = REAL(ioctl); }

static int ours(int fd) { return fd >= 0 && fd < MAX_FD && is_can[fd]; }

int socket(int domain, int type, int protocol) {
  int flags = type & (SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (domain != AF_CAN) {
    int fd = REAL(socket)(domain, type, protocol);
    if (fd >= 0 && fd < MAX_FD) is_can[fd] = 0;
    return fd;
  }
  int fd = REAL(socket)(AF_UNIX, SOCK_SEQPACKET | flags, 0);
  if (fd >= 0 && fd < MAX_FD) is_can[fd] = 1;
  return fd;
}

int bind(int fd, const struct sockaddr *address, socklen_t length) {
  if (!ours(fd) || address->sa_family != AF_CAN) return REAL(bind)(fd, address, length);
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  int index = ((const struct sockaddr_can *)address)->can_ifindex, size = 256 << 20;
  snprintf(to.sun_path, sizeof to.sun_path, "%.80s/vcan%d", getenv("BENCH_UNIX_DIR"), index - 1);
  /* What waits to be read by the feeder never makes the contender wait. */
  REAL(setsockopt)(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
  return connect(fd, (struct sockaddr *)&to, sizeof to);
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t length) {
  if (ours(fd) && level == SOL_CAN_RAW) return 0;
  return REAL(setsockopt)(fd, level, name, value, length);
}

int ioctl(int fd, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  struct ifreq *interface = argument;
  int number;
  if (ours(fd)) {
    switch (request) {
      case SIOCGIFINDEX:
        if (sscanf(interface->ifr_name, "vcan%d", &number) != 1) break;
        interface->ifr_ifindex = number + 1;
        return 0;
      case SIOCGIFNAME:
        snprintf(interface->ifr_name, IFNAMSIZ, "vcan%d", interface->ifr_ifindex - 1);
        return 0;
      case SIOCGIFMTU:
        interface->ifr_mtu = CANFD_MTU;
        return 0;
      case SIOCGIFFLAGS:
        interface->ifr_flags = IFF_UP | IFF_RUNNING;
        return 0;
      case SIOCGSTAMP:
        /* A local socket keeps no time of the last packet: the call is made, for its cost. */
        if (real_ioctl(fd, request, argument) < 0) gettimeofday(argument, NULL);
        return 0;
    }
  }
  return real_ioctl(fd, request, argument);
}
