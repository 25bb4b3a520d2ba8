/* Programs and libraries of a lower layer, which are edited while somebody has them open.
 *
 * usage: programs_in_place DIRECTORY [kept]; "kept": who has opened one before that goes on reading
 * the old data, and it cannot be written to by way of that descriptor. */
#include "check.h"
#include <signal.h>
#include <sys/wait.h>

static int kept;

static const char *of(int fd) {
  static char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return path;
}

/* The object's attributes are the same by its name and by an open file. */
static void same(int line, const char *name, int fd) {
  struct stat a, b = fstat_of(fd);
  MUST(stat(name, &a));
  if (a.st_mode != b.st_mode || a.st_uid != b.st_uid || a.st_gid != b.st_gid ||
      a.st_ino != b.st_ino || a.st_nlink != b.st_nlink || a.st_size != b.st_size ||
      a.st_mtim.tv_sec != b.st_mtim.tv_sec || a.st_mtim.tv_nsec != b.st_mtim.tv_nsec) {
    printf("line %d: by name %o %d %d %ld %ld %ld, by descriptor %o %d %d %ld %ld %ld\n", line,
           a.st_mode, a.st_uid, a.st_gid, (long)a.st_nlink, (long)a.st_size, a.st_mtim.tv_sec,
           b.st_mode, b.st_uid, b.st_gid, (long)b.st_nlink, (long)b.st_size, b.st_mtim.tv_sec);
    failures++;
  }
}
#define SAME(name, fd) same(__LINE__, name, fd)

static void appended(const char *name, const char *text) {
  int fd = MUST(open(name, O_WRONLY | O_APPEND));
  CHECK_EQ(strlen(text), write(fd, text, strlen(text)));
  close(fd);
}

static int shows(const char *name, const char *text) {
  int fd = MUST(open(name, O_RDONLY));
  int result = holds(fd, text);
  close(fd);
  return result;
}

static void attributes(void) {
  int old = MUST(open("elf1", O_RDONLY));
  struct stat st;
  MUST(stat("elf1", &st));
  appended("elf1", "+");
  SAME("elf1", old);
  CHECK_EQ(0, fchmod(old, 0600));
  SAME("elf1", old);
  CHECK_EQ(0600, fstat_of(old).st_mode & 07777);
  CHECK_EQ(0, fchown(old, 1234, 4321));
  SAME("elf1", old);
  struct timespec times[2] = {{1000, 5}, {2000, 7}};
  CHECK_EQ(0, futimens(old, times));
  SAME("elf1", old);
  CHECK_EQ(2000, fstat_of(old).st_mtim.tv_sec);
  CHECK_EQ(0, chmod("elf1", 0751));
  SAME("elf1", old);
  CHECK_EQ(0, link("elf1", "second"));
  SAME("elf1", old);
  CHECK_EQ(0, linkat(AT_FDCWD, of(old), AT_FDCWD, "third", AT_SYMLINK_FOLLOW));
  CHECK_EQ(3, fstat_of(old).st_nlink);
  SAME("third", old);
  appended("third", "+");
  CHECK(shows("elf1", "\177ELF one++"));
  CHECK(shows("second", "\177ELF one++"));
  SAME("second", old);
  CHECK_EQ(0, unlink("third"));
  CHECK_EQ(0, unlink("second"));
  SAME("elf1", old);
  CHECK_EQ(0, unlink("elf1"));
  CHECK_EQ(0, fstat_of(old).st_nlink);
  CHECK_EQ(0, fchmod(old, 0644));
  close(old);
}

static void reopened(void) {
  /* Nobody has it open. */
  int path = MUST(open("elf2", O_PATH));
  int writer = MUST(open(of(path), O_RDWR));
  CHECK_EQ(3, pwrite(writer, "TWO", 3, 5));
  CHECK(shows("elf2", "\177ELF TWO"));
  close(writer);
  close(path);

  /* Somebody has. */
  path = MUST(open("elf3", O_PATH));
  int old = MUST(open("elf3", O_RDONLY));
  CHECK(holds(old, "\177ELF three"));
  if (kept) {
    CHECK_ERRNO(ETXTBSY, open(of(old), O_WRONLY | O_APPEND));
  } else {
    int own = MUST(open(of(old), O_WRONLY | O_APPEND));
    close(own);
  }
  appended("elf3", "+");
  CHECK(holds(old, kept ? "\177ELF three" : "\177ELF three+"));
  int again = MUST(open(of(old), O_RDONLY));
  CHECK(holds(again, "\177ELF three+"));
  close(again);
  SAME("elf3", old);
  int named = MUST(open("elf3", O_RDWR));
  CHECK_EQ(0, truncate(of(old), 6));
  CHECK(holds(named, "\177ELF t"));
  CHECK(shows("elf3", "\177ELF t"));
  SAME("elf3", old);
  close(old);

  /* No longer: by either way, what the other writes is seen. */
  again = MUST(open(of(path), O_RDWR));
  CHECK_EQ(5, pwrite(again, "again", 5, 6));
  CHECK(holds(named, "\177ELF tagain"));
  CHECK_EQ(4, pwrite(named, "name", 4, 5));
  CHECK(holds(again, "\177ELF namein"));
  SAME("elf3", again);
  CHECK(shows("elf3", "\177ELF namein"));
  close(again);
  close(named);
  close(path);
  CHECK(shows("elf3", "\177ELF namein"));
}

static void cut(void) {
  int old = MUST(open("elf4", O_RDONLY));
  CHECK_EQ(0, truncate(of(old), 4));
  CHECK(shows("elf4", "\177ELF"));
  SAME("elf4", old);
  CHECK_EQ(0, truncate("elf4", 2));
  CHECK(shows("elf4", "\177E"));
  SAME("elf4", old);
  close(old);
}

/* Rights given by way of the old descriptor go with a write by way of the name. */
static void rights(void) {
  int old = MUST(open("elf5", O_RDONLY));
  appended("elf5", "+");
  int writer = MUST(open("elf5", O_RDWR));
  CHECK_EQ(0, fchmod(old, 06777));
  CHECK_EQ(06777, fstat_of(writer).st_mode & 07777);
  pid_t child = MUST(fork());
  if (child == 0) {
    _exit(setgid(65534) == 0 && setuid(65534) == 0 && pwrite(writer, "x", 1, 0) == 1 ? 0 : 1);
  }
  int status;
  MUST(waitpid(child, &status, 0));
  CHECK_EQ(0, status);
  CHECK_EQ(0777, fstat_of(old).st_mode & 07777);
  SAME("elf5", old);
  close(writer);
  close(old);
}

static void running(void) {
  pid_t child = MUST(fork());
  if (child == 0) {
    execl("./sleep", "sleep", "30", NULL);
    _exit(1);
  }
  /* The program has begun when it is no longer this one. */
  char exe[64], target[4096];
  snprintf(exe, sizeof exe, "/proc/%d/exe", child);
  ssize_t n;
  do {
    usleep(1000);
    n = MUST(readlink(exe, target, sizeof target - 1));
    target[n] = 0;
  } while (strcmp(strrchr(target, '/'), "/sleep") != 0);
  CHECK_ERRNO(ETXTBSY, open("sleep", O_WRONLY));
  CHECK_ERRNO(ETXTBSY, truncate("sleep", 0));
  CHECK_EQ(0, chmod("sleep", 0700));
  int reader = MUST(open(exe, O_RDONLY));
  CHECK_ERRNO(ETXTBSY, open(of(reader), O_WRONLY));
  close(reader);
  MUST(kill(child, SIGKILL));
  MUST(waitpid(child, NULL, 0));
  appended("sleep", "+");
}

int main(int argc, char **argv) {
  start(argc, argv);
  kept = argc > 2 && strcmp(argv[2], "kept") == 0;
  attributes();
  reopened();
  cut();
  rights();
  running();
  return finish();
}
