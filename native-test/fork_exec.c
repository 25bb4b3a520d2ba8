/* Programs and scripts on the mount, and ETXTBSY while one of them runs. */
#include "check.h"
#include <signal.h>
#include <sys/wait.h>

/* Starts "PROGRAM ARGUMENT" and returns when the exec is done; -errno when it failed. */
static pid_t spawn(const char *program, const char *argument) {
  int result[2];
  MUST(pipe2(result, O_CLOEXEC));
  pid_t child = MUST(fork());
  if (child == 0) {
    alarm(HANG);
    execl(program, program, argument, (char *)NULL);
    int error = errno;
    _exit(write(result[1], &error, sizeof error) == sizeof error ? 126 : 127);
  }
  close(result[1]);
  int error = 0;
  ssize_t n = read(result[0], &error, sizeof error);
  close(result[0]);
  if (n > 0) {
    waitpid(child, NULL, 0);
    return -error;
  }
  return child;
}

static int run(const char *program, const char *argument) {
  pid_t child = spawn(program, argument);
  if (child < 0) {
    return child;
  }
  int status;
  MUST(waitpid(child, &status, 0));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static void copy(const char *from, const char *to, mode_t mode) {
  static char buffer[1 << 20];
  int in = MUST(open(from, O_RDONLY));
  int out = MUST(open(to, O_WRONLY | O_CREAT | O_EXCL, mode));
  for (ssize_t n = read(in, buffer, sizeof buffer); n > 0; n = read(in, buffer, sizeof buffer)) {
    CHECK_EQ(n, write(out, buffer, n));
  }
  close(in);
  close(out);
}

/* While it runs it cannot be written; when it has ended it can. */
static void check_busy(const char *program) {
  pid_t child = spawn(program, "1000");
  CHECK(child > 0);
  if (child <= 0) {
    return;
  }
  CHECK_ERRNO(ETXTBSY, open(program, O_RDWR));
  CHECK_ERRNO(ETXTBSY, open(program, O_WRONLY | O_TRUNC));
  CHECK_ERRNO(ETXTBSY, truncate(program, 0));
  CHECK_EQ(0, kill(child, SIGKILL));
  MUST(waitpid(child, NULL, 0));
  int fd = open(program, O_RDWR);
  CHECK(fd >= 0);
  /* And while it is open for writing it cannot be run. */
  CHECK_EQ(-ETXTBSY, run(program, "0"));
  close(fd);
  CHECK_EQ(0, run(program, "0"));
}

int main(int argc, char **argv) {
  start(argc, argv);
  CHECK_EQ(0, run("./sleep", "0"));
  copy("sleep", "upper", 0755);
  CHECK_EQ(0, run("./upper", "0"));
  copy("sleep", "plain", 0644);
  CHECK_EQ(-EACCES, run("./plain", "0"));
  CHECK_EQ(0, chmod("plain", 0755));
  CHECK_EQ(0, run("./plain", "0"));
  check_busy("./sleep");
  check_busy("./upper");

  int fd = MUST(open("script", O_WRONLY | O_CREAT | O_EXCL, 0755));
  const char *text = "#!/bin/sh\nexit $1\n";
  CHECK_EQ(strlen(text), write(fd, text, strlen(text)));
  close(fd);
  CHECK_EQ(42, run("./script", "42"));

  /* A running program can be replaced, the way package managers do. */
  pid_t child = spawn("./sleep", "1000");
  CHECK(child > 0);
  copy("sleep", "sleep.new", 0755);
  CHECK_EQ(0, rename("sleep.new", "sleep"));
  CHECK_EQ(0, run("./sleep", "0"));
  CHECK_EQ(0, kill(child, SIGKILL));
  MUST(waitpid(child, NULL, 0));
  return finish();
}
