/* walk DIRECTORY: reads every directory below and stats every entry, as find -size does.
 * Prints the time and the number of entries. */
#include "measure.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

static long entries;

static void walk(int directory) {
  DIR *stream = fdopendir(directory);
  if (!stream) {
    fail("fdopendir");
  }
  struct dirent *entry;
  while (errno = 0, (entry = readdir(stream))) {
    struct stat attributes;
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) {
      continue;
    }
    if (fstatat(dirfd(stream), entry->d_name, &attributes, AT_SYMLINK_NOFOLLOW) < 0) {
      fail(entry->d_name);
    }
    entries++;
    if (S_ISDIR(attributes.st_mode)) {
      int child = openat(dirfd(stream), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      if (child < 0) {
        fail(entry->d_name);
      }
      walk(child);
    }
  }
  if (errno) {
    fail("readdir");
  }
  closedir(stream);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    return 2;
  }
  long long start = now();
  int root = open(argv[1], O_RDONLY | O_DIRECTORY);
  if (root < 0) {
    fail(argv[1]);
  }
  walk(root);
  printf("%lld %ld\n", now() - start, entries);
  return 0;
}
