/* Locks between two processes, on a lower file before and after its copy-up. */
#include "check.h"
#include <sys/file.h>
#include <sys/wait.h>

static int record(int fd, int command, int type, off_t start, off_t length) {
  struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(fd, command, &lock);
}

/* What a second process says of its attempts, as an exit status of bits. */
static int other(int (*body)(void)) {
  pid_t child = MUST(fork());
  if (child == 0) {
    alarm(HANG);
    _exit(body());
  }
  int status;
  MUST(waitpid(child, &status, 0));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static pid_t owner;

/* With a write lock on 10..19 held by the parent. */
static int record_attempts(void) {
  int fd = open("text", O_RDWR);
  struct flock ask = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  int bits = 0;
  bits |= fcntl(fd, F_GETLK, &ask) == 0 && ask.l_type == F_WRLCK && ask.l_pid == owner &&
                  ask.l_start == 10 && ask.l_len == 10
              ? 0
              : 1;
  bits |= record(fd, F_SETLK, F_RDLCK, 19, 1) == -1 && errno == EAGAIN ? 0 : 2;
  bits |= record(fd, F_SETLK, F_WRLCK, 20, 0) == 0 ? 0 : 4;
  bits |= record(fd, F_SETLK, F_WRLCK, 0, 10) == 0 ? 0 : 8;
  return bits;
}

static int flock_attempts(void) {
  int fd = open("text", O_RDONLY);
  int bits = flock(fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK ? 0 : 1;
  bits |= flock(fd, LOCK_SH | LOCK_NB) == 0 ? 0 : 2;
  return bits;
}

static int everything_is_free(void) {
  int fd = open("text", O_RDWR);
  int bits = record(fd, F_SETLK, F_WRLCK, 0, 0) == 0 ? 0 : 1;
  bits |= flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : 2;
  return bits;
}

/* Returns when that process waits for a record lock: /proc/locks has an arrow before such a one. */
static void await_waiting(pid_t pid) {
  for (int waits = 0; !waits;) {
    FILE *locks = fopen("/proc/locks", "r");
    char line[256], kind[16];
    while (locks && fgets(line, sizeof line, locks)) {
      int of;
      waits |= sscanf(line, "%*s -> %15s %*s %*s %d", kind, &of) == 2 && of == pid &&
               strcmp(kind, "POSIX") == 0;
    }
    if (locks) {
      fclose(locks);
    }
    usleep(1000);
  }
}

int main(int argc, char **argv) {
  start(argc, argv);
  owner = getpid();

  /* A shared lock on the lower file; the copy-up that follows leaves it in force. */
  int ro = MUST(open("text", O_RDONLY));
  CHECK_EQ(0, flock(ro, LOCK_SH | LOCK_NB));
  CHECK_EQ(0, other(flock_attempts));
  int rw = MUST(open("text", O_RDWR));
  CHECK_EQ(1, pwrite(rw, "L", 1, 0));
  CHECK_EQ(0, other(flock_attempts));
  CHECK_EQ(0, flock(ro, LOCK_UN));

  CHECK_EQ(0, record(rw, F_SETLK, F_WRLCK, 10, 10));
  CHECK_EQ(0, other(record_attempts));
  CHECK_EQ(0, record(rw, F_SETLK, F_UNLCK, 10, 10));
  CHECK_EQ(0, other(everything_is_free));

  /* Closing any descriptor of the file drops the process's record locks. */
  CHECK_EQ(0, record(rw, F_SETLK, F_WRLCK, 10, 10));
  CHECK_EQ(0, other(record_attempts));
  CHECK_EQ(0, close(ro));
  CHECK_EQ(0, other(everything_is_free));

  /* A waiting lock gets its turn when the holder ends. */
  int ready[2];
  MUST(pipe(ready));
  pid_t child = MUST(fork());
  if (child == 0) {
    alarm(HANG);
    int fd = open("text", O_RDWR);
    int bad = record(fd, F_SETLK, F_WRLCK, 0, 0) != 0 || write(ready[1], "r", 1) != 1;
    await_waiting(owner);
    _exit(bad);
  }
  char byte;
  CHECK_EQ(1, read(ready[0], &byte, 1));
  CHECK_ERRNO(EAGAIN, record(rw, F_SETLK, F_WRLCK, 0, 0));
  CHECK_EQ(0, record(rw, F_SETLKW, F_WRLCK, 0, 0));
  int status;
  MUST(waitpid(child, &status, 0));
  CHECK_EQ(0, status);

  /* An open file description's lock stands against the process's own. */
  int second = MUST(open("text", O_RDWR));
  CHECK_EQ(0, record(rw, F_SETLK, F_UNLCK, 0, 0));
  CHECK_EQ(0, record(rw, F_OFD_SETLK, F_WRLCK, 0, 0));
  CHECK_ERRNO(EAGAIN, record(second, F_OFD_SETLK, F_RDLCK, 5, 1));
  close(rw);
  CHECK_EQ(0, record(second, F_OFD_SETLK, F_RDLCK, 5, 1));
  close(second);
  return finish();
}
