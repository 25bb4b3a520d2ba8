/*
 * Makes system calls and prints what becomes of each: its name, and "ok" or the error's name. With
 * an argument, only that call. Statically linked, for a root file system without libraries.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NO_SUCH_CALL 4000

static const char *wanted;

static int is_wanted(const char *name) { return !wanted || !strcmp(wanted, name); }

static void print(const char *name, int error) {
  printf("%s %s\n", name, error ? strerrorname_np(error) : "ok");
  fflush(stdout);
}

/* In a process of its own, which what it does may change. */
#define CALL(name, ...)                                     \
  if (is_wanted(name)) {                                    \
    pid_t child = fork();                                   \
    if (child == 0) {                                       \
      long result = syscall(__VA_ARGS__);                   \
      print(name, result == -1 ? errno : 0);                \
      _exit(0);                                             \
    }                                                       \
    waitpid(child, NULL, 0);                                \
  }

#ifdef __x86_64__
/* As a program of 32 bits makes it: the calls have other numbers there. */
static void call32(const char *name, long number, long first, long second) {
  if (!is_wanted(name)) return;
  pid_t child = fork();
  if (child == 0) {
    int result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(first), "c"(second), "d"(0)
                     : "memory", "r8", "r9", "r10", "r11");
    print(name, result < 0 ? -result : 0);
    _exit(0);
  }
  waitpid(child, NULL, 0);
}
#endif

static void *thread(void *unused) { return unused; }

static void cloned(const char *name, long flags) {
  if (!is_wanted(name)) return;
  long child = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  print(name, child < 0 ? errno : 0);
  if (child > 0) waitpid(child, NULL, 0);
}

int main(int argc, char **argv) {
  wanted = argc > 1 ? argv[1] : NULL;
  cloned("clone", 0);
  cloned("clone-user", CLONE_NEWUSER);
  cloned("clone-net", CLONE_NEWNET);
  CALL("clone3", SYS_clone3, NULL, 0);
  CALL("unshare-user", SYS_unshare, CLONE_NEWUSER);
  CALL("setns", SYS_setns, -1, 0);
  CALL("mount", SYS_mount, "none", "/", "tmpfs", 0, NULL);
  CALL("umount2", SYS_umount2, "/proc", 2);
  CALL("pivot_root", SYS_pivot_root, "/", "/");
  CALL("keyctl", SYS_keyctl, 0, -3, 0);
  CALL("add_key", SYS_add_key, "user", "a key", "x", 1, -3);
  CALL("kexec_load", SYS_kexec_load, 0, 0, NULL, 0);
  CALL("bpf", SYS_bpf, 0, NULL, 0);
  CALL("perf_event_open", SYS_perf_event_open, NULL, 0, 0, -1, 0);
  CALL("io_uring_setup", SYS_io_uring_setup, 1, NULL);
  CALL("userfaultfd", SYS_userfaultfd, 0);
  CALL("open_by_handle_at", SYS_open_by_handle_at, -1, NULL, 0);
  CALL("settimeofday", SYS_settimeofday, NULL, NULL);
  CALL("personality", SYS_personality, 0xffffffff);
  CALL("personality-random", SYS_personality, ADDR_NO_RANDOMIZE);
  CALL("socket", SYS_socket, AF_INET, SOCK_STREAM, 0);
  CALL("socket-vsock", SYS_socket, AF_VSOCK, SOCK_STREAM, 0);
  /* The kernel takes the lower half of the register. */
  CALL("socket-64", SYS_socket, 1L << 32 | AF_INET, SOCK_STREAM, 0);
  CALL("socket-vsock-64", SYS_socket, 1L << 32 | AF_VSOCK, SOCK_STREAM, 0);
  CALL("socket-unknown", SYS_socket, 104, SOCK_STREAM, 0);
  CALL("chroot", SYS_chroot, "/");
  CALL("ptrace", SYS_ptrace, PTRACE_TRACEME, 0, NULL, NULL);
  CALL("not-known", NO_SUCH_CALL);
#ifdef __x86_64__
  call32("getpid-32", 20, 0, 0);
  call32("keyctl-32", 288, 0, 0);
  call32("unshare-user-32", 310, CLONE_NEWUSER, 0);
  call32("socket-vsock-32", 359, AF_VSOCK, SOCK_STREAM);
  int *arguments = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  arguments[0] = AF_INET;
  arguments[1] = SOCK_STREAM;
  call32("socketcall-32", 102, 1, (long)arguments);
#endif
  if (is_wanted("pthread")) {
    pthread_t one;
    int error = pthread_create(&one, NULL, thread, NULL);
    print("pthread", error ? error : pthread_join(one, NULL));
  }
  return 0;
}
