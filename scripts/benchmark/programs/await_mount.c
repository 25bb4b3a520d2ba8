/* await_mount FILE: returns when FILE, which is in the mount and not below it, answers a stat.
 * Prints the moment, in nanoseconds of CLOCK_MONOTONIC. It says "ready" on standard output before
 * it begins to look. Whoever starts it ends it. */
#include "measure.h"
#include <sys/stat.h>

int main(int argc, char **argv) {
  struct stat attributes;
  const struct timespec pause = {.tv_nsec = 200000};
  if (argc != 2) {
    return 2;
  }
  puts("ready");
  fflush(stdout);
  while (stat(argv[1], &attributes) < 0) {
    nanosleep(&pause, NULL);
  }
  printf("%lld\n", now());
  return 0;
}
