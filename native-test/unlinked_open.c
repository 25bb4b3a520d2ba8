/*
 * Files that are open and have no name any more. With the argument "lower-nlink" that shows in the
 * link count of a file that was never copied up as well.
 */
#include "check.h"

static void use(int fd, const char *content) {
  CHECK(holds(fd, content));
  CHECK_EQ(0, fstat_of(fd).st_nlink);
  CHECK_EQ(3, pwrite(fd, "NEW", 3, 0));
  char buffer[3];
  CHECK_EQ(3, pread(fd, buffer, 3, 0));
  CHECK(memcmp(buffer, "NEW", 3) == 0);
  CHECK_EQ(0, ftruncate(fd, 2));
  CHECK(holds(fd, "NE"));
  CHECK_EQ(2, fstat_of(fd).st_size);
  CHECK_EQ(0, fchmod(fd, 0600));
  CHECK_EQ(0600, fstat_of(fd).st_mode & 07777);
  CHECK_EQ(0, fsync(fd));
}

int main(int argc, char **argv) {
  start(argc, argv);
  /* A lower file, opened for writing first. */
  int fd = MUST(open("text", O_RDWR));
  CHECK_EQ(0, unlink("text"));
  use(fd, "lower text");
  CHECK_ERRNO(ENOENT, open("text", O_RDONLY));
  close(fd);

  /* A lower file, opened for reading. */
  fd = MUST(open("other", O_RDONLY));
  ino_t ino = fstat_of(fd).st_ino;
  CHECK_EQ(0, unlink("other"));
  CHECK(holds(fd, "other text"));
  CHECK_EQ(ino, fstat_of(fd).st_ino);
  if (argc > 2 && strcmp(argv[2], "lower-nlink") == 0) {
    CHECK_EQ(0, fstat_of(fd).st_nlink);
  }
  /* The name goes to another file; the descriptor does not. */
  int next = MUST(open("other", O_RDWR | O_CREAT | O_EXCL, 0644));
  CHECK_EQ(4, write(next, "next", 4));
  CHECK(holds(fd, "other text"));
  CHECK(holds(next, "next"));
  close(fd);

  /* An upper file. */
  CHECK_EQ(0, unlink("other"));
  use(next, "next");
  close(next);

  /* The last of two names counts. */
  fd = MUST(open("one", O_RDWR | O_CREAT | O_EXCL, 0644));
  CHECK_EQ(1, write(fd, "1", 1));
  CHECK_EQ(0, link("one", "two"));
  CHECK_EQ(2, fstat_of(fd).st_nlink);
  CHECK_EQ(0, unlink("one"));
  CHECK_EQ(1, fstat_of(fd).st_nlink);
  CHECK_EQ(0, unlink("two"));
  use(fd, "1");
  close(fd);

  /* Replaced by a rename: no name either. */
  fd = MUST(open("target", O_RDWR | O_CREAT | O_EXCL, 0644));
  CHECK_EQ(3, write(fd, "old", 3));
  close(MUST(open("source", O_RDWR | O_CREAT | O_EXCL, 0644)));
  CHECK_EQ(0, rename("source", "target"));
  use(fd, "old");
  close(fd);

  /* And no left-overs under another name. */
  CHECK_EQ(0, mkdir("d", 0755));
  fd = MUST(open("d/f", O_RDWR | O_CREAT, 0644));
  CHECK_EQ(0, unlink("d/f"));
  CHECK_EQ(0, rmdir("d"));
  CHECK_EQ(1, write(fd, "x", 1));
  close(fd);
  return finish();
}
