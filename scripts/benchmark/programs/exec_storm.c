/* exec_storm ROOT COUNT PROGRAM: changes its root and starts PROGRAM COUNT times, one after the
 * other. Prints the time and the number. */
#include "measure.h"
#include <spawn.h>

int main(int argc, char **argv) {
  if (argc != 4) {
    return 2;
  }
  long count = count_argument(argv[2]);
  char *arguments[] = {argv[3], NULL}, *environment[] = {NULL};
  if (chroot(argv[1]) < 0 || chdir("/") < 0) {
    fail(argv[1]);
  }
  long long start = now();
  for (long i = 0; i < count; i++) {
    pid_t child;
    int status;
    errno = posix_spawn(&child, argv[3], NULL, NULL, arguments, environment);
    if (errno || waitpid(child, &status, 0) < 0) {
      fail(argv[3]);
    }
    if (status) {
      fprintf(stderr, "%s ended with status %d\n", argv[3], status);
      return 1;
    }
  }
  printf("%lld %ld\n", now() - start, count);
  return 0;
}
