/* Flags of open(2) that fcntl(2) changes later: what counts is what is set when it is written. */
#include "check.h"

#define PART 10000

static char *block;

static void set_flags(int fd, int flags) {
  CHECK_EQ(0, fcntl(fd, F_SETFL, flags));
}

/* Two descriptors of the file, one made with the flags and one without. */
static void appending(const char *name) {
  int fd = MUST(open(name, O_RDWR | O_APPEND));
  int other = MUST(open(name, O_RDWR));
  long size = fstat_of(fd).st_size;
  CHECK_EQ(3, write(fd, "end", 3));
  CHECK_EQ(size + 3, fstat_of(other).st_size);
  CHECK_EQ(size + 3, lseek(fd, 0, SEEK_CUR));
  CHECK_EQ(4, pwrite(other, "more", 4, size + 3));
  CHECK_EQ(1, write(fd, "!", 1));
  CHECK_EQ(size + 8, fstat_of(other).st_size);

  /* No longer: it writes where it is told. */
  set_flags(fd, 0);
  CHECK_EQ(5, pwrite(fd, "START", 5, 0));
  CHECK_EQ(size + 8, fstat_of(fd).st_size);
  char text[64] = "";
  CHECK_EQ(8, pread(other, text, 8, size));
  CHECK_EQ(0, memcmp(text, "endmore!", 8));
  CHECK_EQ(5, pread(other, text, 5, 0));
  CHECK_EQ(0, memcmp(text, "START", 5));

  /* And the other way round. */
  set_flags(other, O_APPEND);
  CHECK_EQ(4, pwrite(other, "tail", 4, 0));
  CHECK_EQ(size + 12, fstat_of(fd).st_size);
  CHECK_EQ(4, pread(fd, text, 4, size + 8));
  CHECK_EQ(0, memcmp(text, "tail", 4));
  close(fd);
  close(other);
}

/* As dd oflag=direct does: the last part is not a whole number of blocks. */
static void direct(const char *name) {
  int fd = MUST(open(name, O_RDWR | O_CREAT | O_TRUNC | O_DIRECT, 0644));
  int other = MUST(open(name, O_RDONLY));
  CHECK_EQ(8192, write(fd, block, 8192));
  set_flags(fd, 0);
  CHECK_EQ(PART - 8192, write(fd, block + 8192, PART - 8192));
  CHECK_EQ(PART, fstat_of(other).st_size);
  static char back[PART];
  CHECK_EQ(PART, pread(other, back, PART, 0));
  CHECK_EQ(0, memcmp(back, block, PART));
  CHECK_EQ(100, pread(fd, back, 100, 1));
  CHECK_EQ(0, memcmp(back, block + 1, 100));

  /* Set later it does what was asked, aligned as it is. */
  int later = MUST(open(name, O_RDWR));
  set_flags(later, O_DIRECT);
  CHECK_EQ(4096, pwrite(later, block, 4096, 4096));
  CHECK_EQ(4096, pread(other, back, 4096, 4096));
  CHECK_EQ(0, memcmp(back, block, 4096));
  close(later);
  close(other);
  close(fd);
}

int main(int argc, char **argv) {
  start(argc, argv);
  MUST(posix_memalign((void **)&block, 4096, 16384));
  for (int i = 0; i < 16384; i++) {
    block[i] = (char)(i * 7 + i / 256);
  }
  appending("text");
  int fd = MUST(open("made", O_WRONLY | O_CREAT | O_EXCL, 0644));
  CHECK_EQ(10, write(fd, "0123456789", 10));
  close(fd);
  appending("made");
  direct("new");
  direct("data");
  return finish();
}
