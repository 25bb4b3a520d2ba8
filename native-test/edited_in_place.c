/* Lower files that are edited, locked and reopened while somebody has them open. */
#include "check.h"
#include <sys/file.h>
#include <sys/wait.h>

#define LARGE (9 << 20)

static int reopen(int fd, int flags) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return open(path, flags);
}

static int cut(int fd, off_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return truncate(path, size);
}

static int reads(int fd, off_t at, const char *text) {
  char buffer[64] = "";
  ssize_t n = pread(fd, buffer, strlen(text), at);
  return n == (ssize_t)strlen(text) && memcmp(buffer, text, n) == 0;
}

/* As tail -f does. */
static void followed(void) {
  int reader = MUST(open("large", O_RDONLY));
  static char part[1 << 20];
  for (int i = 0; i < LARGE / (int)sizeof part; i++) {
    CHECK_EQ(sizeof part, read(reader, part, sizeof part));
  }
  CHECK_EQ(0, read(reader, part, sizeof part));
  int writer = MUST(open("large", O_WRONLY | O_APPEND));
  CHECK_EQ(5, write(writer, "added", 5));
  CHECK_EQ(LARGE + 5, fstat_of(reader).st_size);
  CHECK_EQ(5, read(reader, part, sizeof part));
  CHECK_EQ(0, memcmp(part, "added", 5));
  close(writer);
  writer = MUST(open("large", O_RDWR));
  CHECK_EQ(6, pwrite(writer, "middle", 6, LARGE / 2));
  CHECK(reads(reader, LARGE / 2, "middle"));
  close(writer);
  close(reader);
}

static int record(int fd, int type, off_t start, off_t length) {
  struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(fd, F_SETLK, &lock);
}

/* A reader's locks, as a database takes them, keep a writer out who copies the file up. */
static void locked(void) {
  int reader = MUST(open("database", O_RDONLY));
  CHECK_EQ(0, flock(reader, LOCK_SH | LOCK_NB));
  CHECK_EQ(0, record(reader, F_RDLCK, LARGE / 2, 100));
  pid_t child = MUST(fork());
  if (child == 0) {
    int writer = MUST(open("database", O_RDWR));
    int bits = flock(writer, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK ? 0 : 1;
    bits |= record(writer, F_WRLCK, LARGE / 2 + 50, 1) == -1 ? 0 : 2;
    bits |= record(writer, F_WRLCK, 0, 100) == 0 ? 0 : 4;
    bits |= pwrite(writer, "written", 7, 0) == 7 ? 0 : 8;
    _exit(bits);
  }
  int status;
  MUST(waitpid(child, &status, 0));
  CHECK_EQ(0, status);
  CHECK(reads(reader, 0, "written"));
  int writer = MUST(open("database", O_RDWR));
  CHECK_ERRNO(EWOULDBLOCK, flock(writer, LOCK_EX | LOCK_NB));
  close(reader);
  CHECK_EQ(0, flock(writer, LOCK_EX | LOCK_NB));
  close(writer);
}

/* As a shell does: exec 7<script; echo added >>/dev/fd/7 */
static void reopened(void) {
  int reader = MUST(open("edited.sh", O_RDONLY));
  int writer = MUST(reopen(reader, O_WRONLY | O_APPEND));
  CHECK_EQ(5, write(writer, "added", 5));
  CHECK(holds(reader, "#!/bin/sh\nadded"));
  int named = MUST(open("edited.sh", O_RDONLY));
  CHECK(holds(named, "#!/bin/sh\nadded"));
  CHECK_EQ(0, cut(reader, 3));
  CHECK(holds(reader, "#!/"));
  CHECK(holds(named, "#!/"));
  close(named);
  close(writer);
  close(reader);

  int path = MUST(open("other", O_PATH));
  writer = MUST(reopen(path, O_RDWR));
  CHECK_EQ(5, pwrite(writer, "OTHER", 5, 0));
  named = MUST(open("other", O_RDONLY));
  CHECK(holds(named, "OTHER text"));
  CHECK_EQ(fstat_of(named).st_ino, fstat_of(path).st_ino);
  CHECK_EQ(0, cut(path, 5));
  CHECK(holds(named, "OTHER"));
  close(named);
  close(writer);
  close(path);
}

int main(int argc, char **argv) {
  start(argc, argv);
  followed();
  locked();
  reopened();
  return finish();
}
