/* change_file append|chmod FILE: one change of one file, as a program makes it: append opens,
 * writes a line and closes; chmod takes the group's rights away. Prints the time. */
#include "measure.h"
#include <fcntl.h>
#include <sys/stat.h>

int main(int argc, char **argv) {
  if (argc != 3) {
    return 2;
  }
  long long start = now();
  if (!strcmp(argv[1], "append")) {
    int file = open(argv[2], O_WRONLY | O_APPEND);
    if (file < 0 || write(file, "one more line\n", 14) != 14 || close(file) < 0) {
      fail(argv[2]);
    }
  } else if (chmod(argv[2], 0604) < 0) {
    fail(argv[2]);
  }
  printf("%lld\n", now() - start);
  return 0;
}
