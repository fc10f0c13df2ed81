/*
 * The C baseline of sending and answering.
 *
 *   role=send mode=write|sendmmsg   on GO N: sends N frames, a call a frame or 64 a call
 *   role=pong                       sends each frame back under another identifier
 */
#include "bench.h"

static void wait_for_room(int fd) {
  struct pollfd each = {fd, POLLOUT, 0};
  poll(&each, 1, 4);
}

static void send_one_by_one(int fd, uint64_t total, size_t size, struct canfd_frame *frame) {
  for (uint64_t i = 0; i < total; i++) {
    frame->can_id = 0x100 + (i & 0xff);
    memcpy(frame->data, &i, sizeof i);
    while (write(fd, frame, size) < 0) wait_for_room(fd);
  }
}

static void send_batches(int fd, uint64_t total, size_t size, const struct canfd_frame *first) {
  static struct canfd_frame frames[BATCH];
  static struct iovec vectors[BATCH];
  static struct mmsghdr headers[BATCH];
  for (int i = 0; i < BATCH; i++) {
    frames[i] = *first;
    vectors[i] = (struct iovec){&frames[i], size};
    headers[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
  }
  for (uint64_t done = 0; done < total;) {
    unsigned count = total - done < BATCH ? (unsigned)(total - done) : BATCH;
    for (unsigned i = 0; i < count; i++) {
      uint64_t number = done + i;
      frames[i].can_id = 0x100 + (number & 0xff);
      memcpy(frames[i].data, &number, sizeof number);
    }
    for (unsigned sent = 0; sent < count;) {
      int taken = sendmmsg(fd, headers + sent, count - sent, 0);
      if (taken < 0) wait_for_room(fd);
      else sent += (unsigned)taken;
    }
    done += count;
  }
}

static void pong(int fd, size_t size) {
  struct canfd_frame frame;
  say("READY");
  while (read(fd, &frame, sizeof frame) > 0) {
    frame.can_id = 0x200;
    if (write(fd, &frame, size) < 0) die("write");
  }
}

int main(int argc, char **argv) {
  int fd_frames = atoi(argument(argv, "fd", "0"));
  size_t size = fd_frames ? CANFD_MTU : CAN_MTU;
  int fd = open_can(argument(argv, "ifaces", "vcan0"), fd_frames);
  struct canfd_frame frame = {.len = fd_frames ? 64 : 8};
  int batched = strcmp(argument(argv, "mode", "write"), "sendmmsg") == 0;
  if (strcmp(argument(argv, "role", "send"), "pong") == 0) {
    pong(fd, size);
    return 0;
  }
  char line[128];
  say("READY");
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (strncmp(line, "GO", 2) != 0) break;
    uint64_t total = strtoull(line + 3, NULL, 10), cpu = cpu_us(), begin = now_ns();
    if (batched) send_batches(fd, total, size, &frame);
    else send_one_by_one(fd, total, size, &frame);
    printf("RESULT {\"frames\":%llu,\"ns\":%llu,\"cpuUs\":%llu}\n", (unsigned long long)total,
           (unsigned long long)(now_ns() - begin), (unsigned long long)(cpu_us() - cpu));
    fflush(stdout);
  }
  return argc * 0;
}
