/*
 * Runs a program that knows nothing of this bench: `rusage PROGRAM ARGUMENT...`. Says PID n and READY, and when
 * the program has ended RESULT with the CPU it took, from its start (wait4(2)).
 */
#include "bench.h"
#include <fcntl.h>
#include <sys/wait.h>

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    dup2(null, 1);
    execvp(argv[1], argv + 1);
    _exit(127);
  }
  printf("PID %d\nREADY\n", pid);
  fflush(stdout);
  int status;
  struct rusage u;
  if (wait4(pid, &status, 0, &u) < 0) die("wait4");
  uint64_t at = now_ns(), cpu = (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000u +
                                (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
  printf("RESULT {\"status\":%d,\"cpuUs\":%llu,\"atNs\":\"%llu\",\"rssKiB\":%ld}\n",
         WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), (unsigned long long)cpu,
         (unsigned long long)at, u.ru_maxrss);
  return 0;
}
