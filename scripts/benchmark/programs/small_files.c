/* small_files create|unlink|append DIRECTORY PROCESSES COUNT BYTES: each process works on COUNT
 * files DIRECTORY/pPROCESS/fNUMBER. The directories exist.
 *   create  makes each, writes BYTES, closes it
 *   append  opens each for appending, writes BYTES, closes it
 *   unlink  removes each (BYTES counts for nothing)
 * Prints the time and the number of files. */
#include "measure.h"
#include <fcntl.h>

static const char *root;
static long count, size;
static int flags;
static char *data;

static void work(long process) {
  char name[4096];
  snprintf(name, sizeof name, "%s/p%ld", root, process);
  if (chdir(name) < 0) {
    fail(name);
  }
  for (long i = 0; i < count; i++) {
    snprintf(name, sizeof name, "f%ld", i);
    if (!flags) {
      if (unlink(name) < 0) {
        fail(name);
      }
      continue;
    }
    int file = open(name, flags, 0644);
    if (file < 0 || write(file, data, size) != size || close(file) < 0) {
      fail(name);
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 6) {
    return 2;
  }
  if (!strcmp(argv[1], "create")) {
    flags = O_CREAT | O_EXCL | O_WRONLY;
  } else if (!strcmp(argv[1], "append")) {
    flags = O_APPEND | O_WRONLY;
  } else if (strcmp(argv[1], "unlink")) {
    return 2;
  }
  root = argv[2];
  long processes = count_argument(argv[3]);
  count = count_argument(argv[4]);
  size = count_argument(argv[5]);
  data = malloc(size);
  if (!data) {
    fail("memory");
  }
  memset(data, 'x', size);
  printf("%lld %ld\n", in_parallel(processes, work), processes * count);
  return 0;
}
