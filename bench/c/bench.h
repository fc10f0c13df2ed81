/* What the programs of the bench share: arguments, time, CPU, sockets, and the line protocol. */
#ifndef BENCH_H
#define BENCH_H
#define _GNU_SOURCE
#include <errno.h>
#include <linux/can.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#ifndef SO_RXQ_OVFL
#define SO_RXQ_OVFL 40
#endif
#define BATCH 64
#define INTERFACES 16
#define CONTROL (CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(uint32_t)))

static inline uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* CPU of all threads of this process, user and system. */
static inline uint64_t cpu_us(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000u +
         (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static inline void die(const char *what) {
  perror(what);
  exit(1);
}

/* The value of an argument NAME=VALUE. */
static inline const char *argument(char **argv, const char *name, const char *fallback) {
  size_t length = strlen(name);
  for (char **each = argv + 1; *each != NULL; each++)
    if (strncmp(*each, name, length) == 0 && (*each)[length] == '=') return *each + length + 1;
  return fallback;
}

static inline void say(const char *line) {
  printf("%s\n", line);
  fflush(stdout);
}

/* A CAN_RAW socket on an interface, with kernel times and drop counts, as the library opens it. */
static inline int open_can(const char *name, int fd_frames) {
  int fd = socket(PF_CAN, SOCK_RAW | SOCK_CLOEXEC, CAN_RAW), on = 1;
  if (fd < 0) die("socket");
  struct ifreq request = {0};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(fd, SIOCGIFINDEX, &request) < 0) die("SIOCGIFINDEX");
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
  if (fd_frames) setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &on, sizeof on);
  struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = request.ifr_ifindex};
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
  return fd;
}

/* Opens the interfaces of a list such as vcan0,vcan1; returns how many. */
static inline int open_all(const char *list, int fd_frames, int *fds) {
  char names[256];
  int count = 0;
  snprintf(names, sizeof names, "%s", list);
  for (char *name = strtok(names, ","); name != NULL && count < INTERFACES; name = strtok(NULL, ","))
    fds[count++] = open_can(name, fd_frames);
  return count;
}

static inline int by_size(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

/* Sorts times in ns and writes their quantiles in us as members of a JSON object. */
static inline void quantiles(char *text, size_t room, uint64_t *times, size_t count) {
  qsort(times, count, sizeof *times, by_size);
#define AT(q) (count == 0 ? 0.0 : times[(size_t)((double)(count - 1) * (q))] / 1e3)
  snprintf(text, room, "\"p50\":%.2f,\"p99\":%.2f,\"p999\":%.2f,\"max\":%.2f", AT(0.5), AT(0.99),
           AT(0.999), AT(1.0));
}
#endif
