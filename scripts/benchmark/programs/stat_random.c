/* stat_random DIRECTORY LIST PROCESSES COUNT: each process stats COUNT of the listed names (one a
 * line, relative to DIRECTORY) at random, each process with a sequence of its own that is the same
 * in every run. Prints the time and the number of calls. */
#include "measure.h"
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>

static char **names;
static long name_count, count;
static int root;

static void read_names(const char *file) {
  FILE *list = fopen(file, "r");
  if (!list) {
    fail(file);
  }
  long room = 0;
  char *line = NULL;
  size_t size = 0;
  ssize_t length;
  while ((length = getline(&line, &size, list)) > 0) {
    line[length - 1] = '\0';
    if (name_count == room) {
      room = room ? room * 2 : 1024;
      names = realloc(names, room * sizeof *names);
    }
    if (!names || !(names[name_count++] = strdup(line))) {
      fail("memory");
    }
  }
  free(line);
  fclose(list);
  if (!name_count) {
    fprintf(stderr, "no names in %s\n", file);
    exit(1);
  }
}

static void stat_some(long process) {
  uint64_t state = 88172645463325252ULL + process * 7919;
  for (long i = 0; i < count; i++) {
    struct stat attributes;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    const char *name = names[state % name_count];
    if (fstatat(root, name, &attributes, AT_SYMLINK_NOFOLLOW) < 0) {
      fail(name);
    }
    if (!S_ISREG(attributes.st_mode)) {
      fprintf(stderr, "not a file: %s\n", name);
      exit(1);
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 5) {
    return 2;
  }
  long processes = count_argument(argv[3]);
  count = count_argument(argv[4]);
  read_names(argv[2]);
  root = open(argv[1], O_RDONLY | O_DIRECTORY);
  if (root < 0) {
    fail(argv[1]);
  }
  printf("%lld %ld\n", in_parallel(processes, stat_some), processes * count);
  return 0;
}
