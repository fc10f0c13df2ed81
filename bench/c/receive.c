/*
 * The C baseline of receiving: mode=recvmsg, a call a frame, or mode=recvmmsg, up to 64 frames a call.
 * Each frame's id and data are touched, its time of reception and the drop count are read.
 *
 * A second thread reads commands, so that the receiving loop is what it would be without a bench.
 */
#include "bench.h"

static _Atomic uint64_t count, target = UINT64_MAX, marked_cpu, dropped;
static _Atomic int block_ms, reported;
static atomic_uint_fast64_t touched;
#define TIMES 400000
static uint64_t times[TIMES];
static _Atomic size_t timed;
static int latency;

static void result(void) {
  char text[256], line[512];
  uint64_t cpu = cpu_us() - marked_cpu, at = now_ns();
  if (atomic_exchange(&reported, 1)) return;
  quantiles(text, sizeof text, times, timed < TIMES ? timed : TIMES);
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  snprintf(line, sizeof line,
           "RESULT {\"frames\":%llu,\"cpuUs\":%llu,\"atNs\":\"%llu\",\"dropped\":%llu,\"threads\":1,"
           "\"rssKiB\":%ld,%s}",
           (unsigned long long)count, (unsigned long long)cpu, (unsigned long long)at,
           (unsigned long long)dropped, u.ru_maxrss, text);
  say(line);
}

static void *obey(void *unused) {
  char line[128];
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (strncmp(line, "MARK", 4) == 0) {
      count = 0;
      timed = 0;
      reported = 0;
      target = strtoull(line + 5, NULL, 10);
      say("MARKED");
      marked_cpu = cpu_us();
    } else if (strncmp(line, "STAT", 4) == 0) {
      result();
    } else if (strncmp(line, "BLOCK", 5) == 0) {
      block_ms = atoi(line + 6);
      say("ARMED");
    } else if (strncmp(line, "QUIT", 4) == 0) {
      exit(0);
    }
  }
  exit(0);
  return unused;
}

static inline void take(const uint8_t *data, struct msghdr *header, uint64_t now) {
  const struct canfd_frame *frame = (const struct canfd_frame *)data;
  uint64_t sum = frame->can_id + frame->data[0];
  for (struct cmsghdr *each = CMSG_FIRSTHDR(header); each; each = CMSG_NXTHDR(header, each)) {
    if (each->cmsg_level != SOL_SOCKET) continue;
    if (each->cmsg_type == SO_TIMESTAMPNS) sum += ((struct timespec *)CMSG_DATA(each))->tv_nsec;
    else if (each->cmsg_type == SO_RXQ_OVFL) dropped = *(uint32_t *)CMSG_DATA(each);
  }
  atomic_store_explicit(&touched, sum, memory_order_relaxed);
  if (latency) {
    uint64_t sent;
    memcpy(&sent, frame->data, sizeof sent);
    size_t at = timed;
    if (at < TIMES) times[at] = now - sent;
    timed = at + 1;
  }
}

/* After each call that brought frames. */
static inline void counted(uint64_t more) {
  uint64_t all = atomic_load_explicit(&count, memory_order_relaxed) + more;
  atomic_store_explicit(&count, all, memory_order_relaxed);
  if (all >= target) {
    target = UINT64_MAX;
    result();
  }
  int ms = atomic_load_explicit(&block_ms, memory_order_relaxed);
  if (ms != 0) {
    block_ms = 0;
    for (uint64_t end = now_ns() + (uint64_t)ms * 1000000u; now_ns() < end;) continue;
  }
}

static uint8_t data[BATCH][CANFD_MTU], control[BATCH][CONTROL];
static struct iovec vectors[BATCH];
static struct mmsghdr headers[BATCH];

static int receive(int fd, int batched, int flags) {
  int got = 1;
  if (batched) {
    got = recvmmsg(fd, headers, BATCH, flags | MSG_WAITFORONE, NULL);
  } else {
    ssize_t size = recvmsg(fd, &headers[0].msg_hdr, flags);
    if (size == 0) exit(0);
    if (size < 0) got = -1;
  }
  if (got <= 0) return got;
  uint64_t now = latency ? now_ns() : 0;
  for (int i = 0; i < got; i++) {
    if (batched && headers[i].msg_len == 0) exit(0);
    take(data[i], &headers[i].msg_hdr, now);
    headers[i].msg_hdr.msg_controllen = CONTROL;
  }
  counted((uint64_t)got);
  return got;
}

int main(int argc, char **argv) {
  int fds[INTERFACES], batched = strcmp(argument(argv, "mode", "recvmsg"), "recvmmsg") == 0;
  int count_fds = open_all(argument(argv, "ifaces", "vcan0"), atoi(argument(argv, "fd", "0")), fds);
  int filters = atoi(argument(argv, "filters", "0"));
  latency = atoi(argument(argv, "latency", "0"));
  if (filters > 0) {
    struct can_filter *list = calloc((size_t)filters, sizeof *list);
    for (int i = 0; i < filters; i++)
      list[i] = (struct can_filter){(canid_t)i, CAN_SFF_MASK | CAN_EFF_FLAG | CAN_RTR_FLAG};
    setsockopt(fds[0], SOL_CAN_RAW, CAN_RAW_FILTER, list, (socklen_t)filters * sizeof *list);
  }
  for (int i = 0; i < BATCH; i++) {
    vectors[i] = (struct iovec){data[i], CANFD_MTU};
    headers[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i],
                                         .msg_iovlen = 1,
                                         .msg_control = control[i],
                                         .msg_controllen = CONTROL};
  }
  pthread_t thread;
  pthread_create(&thread, NULL, obey, NULL);
  say("READY");
  if (count_fds == 1) {
    while (receive(fds[0], batched, 0) >= 0 || errno == EINTR) continue;
    return 1;
  }
  struct pollfd polled[INTERFACES];
  for (int i = 0; i < count_fds; i++) polled[i] = (struct pollfd){fds[i], POLLIN, 0};
  for (;;) {
    if (poll(polled, (nfds_t)count_fds, -1) <= 0) continue;
    for (int i = 0; i < count_fds; i++)
      if (polled[i].revents != 0) receive(fds[i], batched, MSG_DONTWAIT);
  }
  return argc;
}
