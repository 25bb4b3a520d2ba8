/*
 * O_TMPFILE and the flags of renameat2. The second argument says whether the transport has them:
 * "has" or "lacks".
 */
#include "check.h"

static int rename2(const char *from, const char *to, unsigned flags) {
  return renameat2(AT_FDCWD, from, AT_FDCWD, to, flags);
}

static void make(const char *name, const char *content) {
  int fd = MUST(open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  CHECK_EQ(strlen(content), write(fd, content, strlen(content)));
  close(fd);
}

static void check_file(const char *name, const char *content) {
  int fd = MUST(open(name, O_RDONLY));
  CHECK(holds(fd, content));
  close(fd);
}

static void lacking(void) {
  CHECK_ERRNO(EOPNOTSUPP, open(".", O_TMPFILE | O_RDWR, 0600));
  CHECK_ERRNO(EINVAL, rename2("text", "other", RENAME_EXCHANGE));
  CHECK_ERRNO(EINVAL, rename2("text", "free", RENAME_NOREPLACE));
  check_file("text", "lower text");
  check_file("other", "other text");
}

static void tmpfile_gets_a_name(void) {
  int fd = MUST(open(".", O_TMPFILE | O_RDWR, 0640));
  CHECK_EQ(0, fstat_of(fd).st_nlink);
  CHECK_EQ(0640, fstat_of(fd).st_mode & 07777);
  CHECK_EQ(4, write(fd, "temp", 4));
  CHECK(holds(fd, "temp"));
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  CHECK_EQ(0, linkat(AT_FDCWD, link, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
  CHECK_EQ(1, fstat_of(fd).st_nlink);
  struct stat st;
  CHECK_EQ(0, stat("named", &st));
  CHECK_EQ(fstat_of(fd).st_ino, st.st_ino);
  close(fd);
  check_file("named", "temp");
  /* One that is to stay without a name. */
  fd = MUST(open("dir", O_TMPFILE | O_EXCL | O_RDWR, 0600));
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  CHECK_ERRNO(ENOENT, linkat(AT_FDCWD, link, AT_FDCWD, "never", AT_SYMLINK_FOLLOW));
  close(fd);
}

static void flags_of_rename(void) {
  make("upper", "upper");
  CHECK_EQ(0, rename2("text", "moved", RENAME_NOREPLACE));
  CHECK_ERRNO(ENOENT, access("text", F_OK));
  check_file("moved", "lower text");
  /* Lower and upper, upper and lower. */
  CHECK_EQ(0, rename2("upper", "other", RENAME_EXCHANGE));
  check_file("upper", "other text");
  check_file("other", "upper");
  CHECK_EQ(0, rename2("upper", "other", RENAME_EXCHANGE));
  check_file("upper", "upper");
  CHECK_EQ(0, unlink("upper"));
  /* The name that was lower is hidden, the exchanged one is not. */
  CHECK_ERRNO(ENOENT, access("upper", F_OK));
  check_file("other", "other text");
  /* A file and a directory. */
  CHECK_EQ(0, mkdir("fresh", 0755));
  make("fresh/inner", "inner");
  CHECK_EQ(0, rename2("fresh", "other", RENAME_EXCHANGE));
  check_file("other/inner", "inner");
  check_file("fresh", "other text");
  CHECK_ERRNO(EINVAL, rename2("fresh", "other", RENAME_EXCHANGE | RENAME_NOREPLACE));
}

int main(int argc, char **argv) {
  start(argc, argv);
  /* Decided above any file system. */
  CHECK_ERRNO(EEXIST, rename2("text", "other", RENAME_NOREPLACE));
  CHECK_ERRNO(ENOENT, rename2("nowhere", "other", RENAME_EXCHANGE));
  CHECK_ERRNO(ENOENT, rename2("text", "nowhere", RENAME_EXCHANGE));
  if (argc > 2 && strcmp(argv[2], "has") == 0) {
    tmpfile_gets_a_name();
    flags_of_rename();
  } else {
    lacking();
  }
  return finish();
}
