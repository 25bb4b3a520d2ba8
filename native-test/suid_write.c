/*
 * The setuid and setgid bits go when a file changes hands or content, as on ext4. The files belong
 * to user and group 1000, mode 06755, content "x".
 */
#include "check.h"
#include <grp.h>
#include <sys/wait.h>

static const char *file;

static mode_t mode_of(const char *name) {
  struct stat st;
  MUST(stat(name, &st));
  return st.st_mode & 07777;
}

/* Runs in a process of user and group 1000 without capabilities. */
static int as_owner(int (*body)(void)) {
  pid_t child = MUST(fork());
  if (child == 0) {
    alarm(HANG);
    if (setgroups(0, NULL) || setresgid(1000, 1000, 1000) || setresuid(1000, 1000, 1000)) {
      _exit(99);
    }
    _exit(body() == 0 ? 0 : errno);
  }
  int status;
  MUST(waitpid(child, &status, 0));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int do_write(void) {
  int fd = open(file, O_WRONLY);
  return fd >= 0 && write(fd, "y", 1) == 1 ? 0 : -1;
}

static int do_truncate(void) { return truncate(file, 0); }

static int do_open_trunc(void) { return open(file, O_WRONLY | O_TRUNC) >= 0 ? 0 : -1; }

static int do_ftruncate_longer(void) {
  int fd = open(file, O_WRONLY);
  return fd >= 0 ? ftruncate(fd, 100) : -1;
}

static int do_open_only(void) { return open(file, O_RDWR) >= 0 ? 0 : -1; }

static int do_chmod(void) { return chmod(file, 06711); }

int main(int argc, char **argv) {
  start(argc, argv);
  /* On lower files, one each, and once more on what is upper by then. */
  struct {
    const char *name;
    int (*change)(void);
  } changes[] = {
      {"suid1", do_write},
      {"suid2", do_truncate},
      {"suid3", do_open_trunc},
      {"suid4", do_ftruncate_longer},
  };
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    file = changes[i].name;
    for (int round = 0; round < 2; round++) {
      CHECK_EQ(06755, mode_of(file));
      CHECK_EQ(0, as_owner(do_open_only));
      CHECK_EQ(06755, mode_of(file));
      CHECK_EQ(0, as_owner(changes[i].change));
      if (mode_of(file) != 0755) {
        printf("%s: after change %zu, round %d, the mode is %o\n", file, i, round, mode_of(file));
        failures++;
      }
      CHECK_EQ(0, chmod(file, 06755));
    }
  }

  /* Root's own write leaves them. */
  file = "suid5";
  CHECK_EQ(0, do_write());
  CHECK_EQ(06755, mode_of(file));
  CHECK_EQ(0, truncate(file, 0));
  CHECK_EQ(06755, mode_of(file));
  /* chown takes them, from root as well; a setgid bit without group execution is another thing. */
  CHECK_EQ(0, chown(file, 1000, 1001));
  CHECK_EQ(0755, mode_of(file));
  file = "suid6";
  CHECK_EQ(0, chown(file, 0, 0));
  CHECK_EQ(0755, mode_of(file));
  CHECK_EQ(0, chmod(file, 06745));
  CHECK_EQ(0, chown(file, 1000, 1000));
  CHECK_EQ(02745, mode_of(file));

  /* The owner sets them; for a group that is not the owner's, setgid is dropped silently. */
  CHECK_EQ(0, as_owner(do_chmod));
  CHECK_EQ(06711, mode_of(file));
  CHECK_EQ(0, chown(file, 1000, 1001));
  CHECK_EQ(0, as_owner(do_chmod));
  CHECK_EQ(04711, mode_of(file));

  /* A directory keeps its bits, and hands setgid and its group down. */
  CHECK_EQ(0, mkdir("shared", 0755));
  CHECK_EQ(0, chmod("shared", 02775));
  CHECK_EQ(0, chown("shared", 1000, 1001));
  CHECK_EQ(02775, mode_of("shared"));
  CHECK_EQ(0, mkdir("shared/inner", 0755));
  CHECK_EQ(02755, mode_of("shared/inner"));
  close(MUST(open("shared/file", O_CREAT | O_WRONLY, 0644)));
  struct stat st;
  CHECK_EQ(0, stat("shared/file", &st));
  CHECK_EQ(1001, st.st_gid);
  CHECK_EQ(0644, st.st_mode & 07777);
  return finish();
}
