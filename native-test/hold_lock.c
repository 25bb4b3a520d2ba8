/* Takes a lock, prints its own process id, and keeps the lock until the end of its input. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

int main(int argc, char **argv) {
  alarm(150);
  if (argc != 5) {
    fprintf(stderr, "usage: hold_lock flock|fcntl FILE START LENGTH\n");
    return 2;
  }
  int fd = open(argv[2], O_RDWR);
  struct flock lock = {.l_type = F_WRLCK, .l_start = atol(argv[3]), .l_len = atol(argv[4])};
  int whole = strcmp(argv[1], "flock") == 0;
  if (fd < 0 || (whole ? flock(fd, LOCK_EX) : fcntl(fd, F_SETLK, &lock)) != 0) {
    perror(argv[2]);
    return 1;
  }
  printf("%d\n", getpid());
  fflush(stdout);
  char ignored;
  while (read(0, &ignored, 1) > 0) {
  }
  return 0;
}
