/* What every program here shares: it exits 0, or says what differed and exits 1. */
#ifndef CHECK_H
#define CHECK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* After so many seconds a program ends by a signal: only one that hangs takes so long. */
#define HANG 150

static int failures;

/* Notes a difference and goes on. */
#define CHECK(condition)                                                       \
  do {                                                                         \
    errno = 0;                                                                 \
    if (!(condition)) {                                                        \
      printf("%s:%d: not so: %s (%s)\n", __FILE__, __LINE__, #condition,       \
             strerror(errno));                                                 \
      failures++;                                                              \
    }                                                                          \
  } while (0)

/* Compares two integers and prints both when they differ. */
#define CHECK_EQ(expected, actual)                                             \
  do {                                                                         \
    errno = 0;                                                                 \
    long long e_ = (long long)(expected), a_ = (long long)(actual);            \
    if (e_ != a_) {                                                            \
      printf("%s:%d: %s is %lld, not %lld (%s)\n", __FILE__, __LINE__,         \
             #actual, a_, e_, strerror(errno));                                \
      failures++;                                                              \
    }                                                                          \
  } while (0)

/* A call that has to fail with this error. */
#define CHECK_ERRNO(expected, call)                                            \
  do {                                                                         \
    errno = 0;                                                                 \
    long long r_ = (long long)(call);                                          \
    if (r_ != -1 || errno != (expected)) {                                     \
      printf("%s:%d: %s gives %lld (%s), not %s\n", __FILE__, __LINE__, #call, \
             r_, strerror(errno), strerror(expected));                         \
      failures++;                                                              \
    }                                                                          \
  } while (0)

/* A call that the rest of the program depends on. */
#define MUST(call)                                                             \
  ({                                                                           \
    long long r_ = (long long)(call);                                          \
    if (r_ < 0) {                                                              \
      printf("%s:%d: %s: %s\n", __FILE__, __LINE__, #call, strerror(errno));   \
      exit(1);                                                                 \
    }                                                                          \
    r_;                                                                        \
  })

/* Whether a file begins with, and is as long as, this text. */
static inline int holds(int fd, const char *text) {
  char buffer[4096];
  ssize_t n = pread(fd, buffer, sizeof buffer, 0);
  if (n != (ssize_t)strlen(text) || memcmp(buffer, text, n) != 0) {
    printf("read %zd bytes: \"%.*s\", not \"%s\"\n", n, n > 0 ? (int)n : 0,
           buffer, text);
    return 0;
  }
  return 1;
}

static inline struct stat fstat_of(int fd) {
  struct stat st;
  MUST(fstat(fd, &st));
  return st;
}

/* Goes to the directory on the mount that is the first argument. */
static inline void start(int argc, char **argv) {
  alarm(HANG);
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc < 2) {
    printf("usage: %s DIRECTORY\n", argv[0]);
    exit(2);
  }
  MUST(chdir(argv[1]));
}

static inline int finish(void) { return failures ? 1 : 0; }

#endif
