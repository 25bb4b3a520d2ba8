/*
 * Tries to leave its root as a process with CAP_SYS_CHROOT can leave a mere chroot: by a working
 * directory outside of a second one. Prints what stat(2) says of the file named, seen from there.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 2) {
    return 2;
  }
  mkdir("/jail", 0755);
  int root = open("/", O_RDONLY | O_DIRECTORY);
  if (root < 0 || chroot("/jail") != 0 || fchdir(root) != 0) {
    perror("chroot");
    return 2;
  }
  for (int i = 0; i < 100; i++) {
    if (chdir("..") != 0) {
      perror("chdir");
      return 2;
    }
  }
  if (chroot(".") != 0) {
    perror("chroot");
    return 2;
  }
  struct stat found;
  puts(stat(argv[1], &found) == 0 ? "outside" : "inside");
  return 0;
}
