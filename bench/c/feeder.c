/*
 * The other side of every contender: sends frames, answers none, measures round trips. Commands on standard
 * input, one answer a command:
 *
 *   accept                      unix only: waits until every interface has its contender     ACCEPTED
 *   fill N [IDS]                N frames as fast as they go                                   FILLED n
 *   pace RATE N [IDS]           N frames at RATE a second, with the time of the write         PACED {...}
 *   ping N                      N round trips, one at a time                                  PINGED {...}
 *   sink | unsink               begins, ends to read and throw away what is sent              SUNK n
 *
 * venue=unix: listens at DIR/NAME for each interface, a SEQPACKET socket is a bus of two nodes. What the
 * contender has not read is charged to the sender: rcvbuf=BYTES is what a CAN socket's receive buffer is,
 * and a frame for which there is no room is lost, as there. venue=can: CAN_RAW sockets.
 */
#include "bench.h"

static int fds[INTERFACES], listeners[INTERFACES], interfaces, unix_venue;
static struct canfd_frame frame;
static size_t size;
static int rcvbuf;

static void listen_all(const char *list, const char *dir) {
  char names[256];
  snprintf(names, sizeof names, "%s", list);
  for (char *name = strtok(names, ","); name != NULL; name = strtok(NULL, ",")) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%.80s/%.20s", dir, name);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0) die(address.sun_path);
    if (listen(fd, 8) < 0) die("listen");
    listeners[interfaces++] = fd;
  }
}

static void accept_all(void) {
  for (int i = 0; i < interfaces; i++) {
    fds[i] = accept(listeners[i], NULL, NULL);
    if (fds[i] < 0) die("accept");
    int half = rcvbuf / 2;
    if (setsockopt(fds[i], SOL_SOCKET, SO_SNDBUFFORCE, &half, sizeof half) < 0)
      setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &half, sizeof half);
  }
  say("ACCEPTED");
}

/* What the sender itself hears: nothing (0), everything (1), answers to pings (2). */
static void hear(int what) {
  struct can_filter pongs = {0x200, CAN_SFF_MASK}, all = {0, 0};
  if (unix_venue) return;
  for (int i = 0; i < interfaces; i++)
    setsockopt(fds[i], SOL_CAN_RAW, CAN_RAW_FILTER, what == 0 ? NULL : what == 1 ? &all : &pongs,
               what == 0 ? 0 : sizeof all);
}

/* Sends a frame without waiting; false when it is lost for want of room. */
static int put(uint64_t number, unsigned ids) {
  frame.can_id = (canid_t)(number % ids);
  while (send(fds[number % (unsigned)interfaces], &frame, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
    if (errno == EINTR || errno == ENOBUFS) continue;
    if (errno == EAGAIN) return 0;
    die("send");
  }
  return 1;
}

static void fill(uint64_t total, unsigned ids) {
  uint64_t done = 0;
  for (; done < total; done++) {
    memcpy(frame.data, &done, sizeof done);
    if (!put(done, ids)) break;
  }
  printf("FILLED %llu\n", (unsigned long long)done);
  fflush(stdout);
}

/* Frames are due at equal distances; those that a late wake-up finds due go out together. */
static void pace(double rate, uint64_t total, unsigned ids) {
  uint64_t begin = now_ns() + 1000000, lost = 0, late = 0;
  for (uint64_t i = 0; i < total; i++) {
    uint64_t due = begin + (uint64_t)((double)i * 1e9 / rate), now = now_ns();
    if (now + 1000 < due) {
      struct timespec until = {(time_t)(due / 1000000000u), (long)(due % 1000000000u)};
      while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0) continue;
      now = now_ns();
    }
    if (now > due && now - due > late) late = now - due;
    memcpy(frame.data, &now, sizeof now);
    if (!put(i, ids)) lost++;
  }
  double seconds = (double)(now_ns() - begin) / 1e9;
  printf("PACED {\"sent\":%llu,\"lost\":%llu,\"rate\":%.0f,\"lateUs\":%.1f}\n",
         (unsigned long long)total, (unsigned long long)lost, (double)total / seconds, late / 1e3);
  fflush(stdout);
}

static void ping(uint64_t total) {
  uint64_t *times = calloc(total, sizeof *times);
  struct canfd_frame answer;
  char text[256];
  hear(2);
  for (uint64_t i = 0; i < total; i++) {
    uint64_t begin = now_ns();
    memcpy(frame.data, &begin, sizeof begin);
    frame.can_id = 0x100;
    if (send(fds[0], &frame, size, MSG_NOSIGNAL) < 0) die("send");
    if (recv(fds[0], &answer, sizeof answer, 0) <= 0) die("recv");
    times[i] = now_ns() - begin;
  }
  hear(0);
  /* The first tenth is for warming up. */
  quantiles(text, sizeof text, times + total / 10, total - total / 10);
  printf("PINGED {%s}\n", text);
  fflush(stdout);
  free(times);
}

static atomic_int sinking;
static pthread_t sink_thread;

/* Asleep between looks, so that the contender does not pay for waking it. */
static void *sink(void *unused) {
  static uint8_t data[BATCH][CANFD_MTU];
  static struct iovec vectors[BATCH];
  static struct mmsghdr headers[BATCH];
  uint64_t total = 0;
  for (int i = 0; i < BATCH; i++) {
    vectors[i] = (struct iovec){data[i], CANFD_MTU};
    headers[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
  }
  for (;;) {
    int got = recvmmsg(fds[0], headers, BATCH, MSG_DONTWAIT, NULL);
    if (got > 0 && headers[0].msg_len == 0) break;
    if (got > 0) total += (uint64_t)got;
    else if (!sinking) break;
    else usleep(200);
  }
  printf("SUNK %llu\n", (unsigned long long)total);
  fflush(stdout);
  return unused;
}

int main(int argc, char **argv) {
  const char *names = argument(argv, "ifaces", "vcan0");
  int fd_frames = atoi(argument(argv, "fd", "0"));
  unix_venue = strcmp(argument(argv, "venue", "unix"), "unix") == 0;
  rcvbuf = atoi(argument(argv, "rcvbuf", "212992"));
  size = fd_frames ? CANFD_MTU : CAN_MTU;
  frame.len = fd_frames ? 64 : 8;
  prctl(PR_SET_TIMERSLACK, 1);
  if (unix_venue) listen_all(names, argument(argv, "dir", "."));
  else interfaces = open_all(names, fd_frames, fds);
  hear(0);
  say("READY");
  char line[128];
  while (fgets(line, sizeof line, stdin) != NULL) {
    unsigned long long n = 0;
    unsigned ids = 256;
    double rate = 0;
    if (sscanf(line, "pace %lf %llu %u", &rate, &n, &ids) >= 2) pace(rate, n, ids);
    else if (sscanf(line, "fill %llu %u", &n, &ids) >= 1) fill(n, ids);
    else if (sscanf(line, "ping %llu", &n) == 1) ping(n);
    else if (strncmp(line, "accept", 6) == 0) accept_all();
    else if (strncmp(line, "sink", 4) == 0) {
      sinking = 1;
      if (unix_venue) pthread_create(&sink_thread, NULL, sink, NULL);
    } else if (strncmp(line, "unsink", 6) == 0) {
      sinking = 0;
      if (unix_venue) pthread_join(sink_thread, NULL);
      else say("SUNK 0");
    } else return 2;
  }
  return argc * 0;
}
