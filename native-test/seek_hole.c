/* Copy-up keeps holes. With the argument "seek" the mount also has to tell where they are. */
#include "check.h"

#define MIB (1024 * 1024)

/* A copy in pieces of a MiB is sparse enough: kernel overlayfs makes one. */
#define MOST_BLOCKS (3 * MIB / 512)

/* The file that the test prepared: 8 MiB with one byte of data at 1 and at 4 MiB. */
static void check_content(int fd) {
  struct stat st = fstat_of(fd);
  CHECK_EQ(8 * MIB, st.st_size);
  CHECK(st.st_blocks <= MOST_BLOCKS);
  static char buffer[8 * MIB];
  CHECK_EQ(8 * MIB, pread(fd, buffer, sizeof buffer, 0));
  for (int i = 0; i < 8 * MIB; i++) {
    char expected = i == MIB ? '1' : i == 4 * MIB ? '4' : 0;
    if (buffer[i] != expected) {
      printf("byte %d is %d, not %d\n", i, buffer[i], expected);
      failures++;
      break;
    }
  }
}

static void check_seek(int fd) {
  CHECK_EQ(MIB, lseek(fd, 0, SEEK_DATA));
  CHECK_EQ(0, lseek(fd, 0, SEEK_HOLE));
  off_t hole = lseek(fd, MIB, SEEK_HOLE);
  CHECK(hole > MIB && hole < 4 * MIB);
  CHECK_EQ(4 * MIB, lseek(fd, hole, SEEK_DATA));
  CHECK_ERRNO(ENXIO, lseek(fd, 5 * MIB, SEEK_DATA));
  CHECK_ERRNO(ENXIO, lseek(fd, 8 * MIB, SEEK_HOLE));
}

int main(int argc, char **argv) {
  start(argc, argv);
  int seek = argc > 2 && strcmp(argv[2], "seek") == 0;
  int fd = MUST(open("sparse", O_RDONLY));
  check_content(fd);
  if (seek) {
    check_seek(fd);
  }
  close(fd);
  fd = MUST(open("sparse", O_RDWR));
  check_content(fd);
  if (seek) {
    check_seek(fd);
  }
  /* Without knowledge of holes a file is all data, to its end. */
  CHECK_EQ(seek ? 0 : 8 * MIB, lseek(fd, 0, SEEK_HOLE));
  CHECK_EQ(8 * MIB, lseek(fd, 0, SEEK_END));
  CHECK_EQ(1, pwrite(fd, "x", 1, 7 * MIB));
  CHECK_EQ(0, fsync(fd));
  CHECK(fstat_of(fd).st_blocks <= MOST_BLOCKS + 8);
  close(fd);
  return finish();
}
