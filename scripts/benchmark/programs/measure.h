/* What the measuring programs share: the clock, errors that end the program, parallel processes.
 *
 * A program does one kind of work, takes the time of that alone, and prints it in nanoseconds,
 * followed by what it counted. Any error that the work does not expect ends it with status 1. */
#ifndef MEASURE_H
#define MEASURE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Nanoseconds of CLOCK_MONOTONIC, the clock of Python's time.monotonic_ns(). */
static inline long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

__attribute__((noreturn, unused)) static void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

/* A count on the command line: at least 1. */
__attribute__((unused)) static long count_argument(const char *text) {
  char *end;
  long value = strtol(text, &end, 10);
  if (*text == '\0' || *end != '\0' || value < 1) {
    fprintf(stderr, "not a count: %s\n", text);
    exit(2);
  }
  return value;
}

/* Runs the work in so many processes at once and returns the nanoseconds from the start signal to
 * the end of the last. All have been forked before any of them starts. */
__attribute__((unused)) static long long in_parallel(long processes, void (*work)(long process)) {
  int gate[2];
  char byte;
  if (pipe(gate) < 0) {
    fail("pipe");
  }
  for (long process = 0; process < processes; process++) {
    pid_t child = fork();
    if (child < 0) {
      fail("fork");
    }
    if (child == 0) {
      close(gate[1]);
      /* The end of the file is the signal. */
      if (read(gate[0], &byte, 1) != 0) {
        fail("gate");
      }
      work(process);
      exit(0);
    }
  }
  close(gate[0]);
  long long start = now();
  close(gate[1]);
  int failed = 0, status;
  for (long process = 0; process < processes; process++) {
    if (wait(&status) < 0) {
      fail("wait");
    }
    failed |= status;
  }
  long long elapsed = now() - start;
  if (failed) {
    fprintf(stderr, "a process failed\n");
    exit(1);
  }
  return elapsed;
}

#endif
