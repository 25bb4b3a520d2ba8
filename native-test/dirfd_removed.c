/*
 * Descriptors and working directories of directories that are gone. With the argument "attributes"
 * such a directory has to tell its attributes as well.
 */
#include "check.h"
#include <dirent.h>

static int attributes;

static DIR *open_directory(const char *name) {
  DIR *dir = opendir(name);
  if (!dir) {
    printf("opendir %s: %s\n", name, strerror(errno));
    exit(1);
  }
  return dir;
}

static int entries(DIR *dir) {
  rewinddir(dir);
  int count = 0;
  for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
      count++;
    }
  }
  return count;
}

static void check_gone(DIR *dir) {
  int fd = dirfd(dir);
  CHECK_EQ(0, entries(dir));
  if (attributes) {
    CHECK(S_ISDIR(fstat_of(fd).st_mode));
  }
  CHECK_ERRNO(ENOENT, openat(fd, "new", O_CREAT | O_WRONLY, 0600));
  CHECK_ERRNO(ENOENT, mkdirat(fd, "new", 0700));
  CHECK_ERRNO(ENOENT, symlinkat("x", fd, "new"));
  CHECK_ERRNO(ENOENT, openat(fd, "inner", O_RDONLY));
  CHECK_ERRNO(ENOENT, linkat(AT_FDCWD, "text", fd, "new", 0));
  CHECK_ERRNO(ENOENT, renameat(AT_FDCWD, "text", fd, "new"));
}

static void remove_and_check(const char *name) {
  char inner[64];
  snprintf(inner, sizeof inner, "%s/inner", name);
  DIR *dir = open_directory(name);
  CHECK_EQ(1, entries(dir));
  CHECK_ERRNO(ENOTEMPTY, rmdir(name));
  CHECK_EQ(0, unlink(inner));
  CHECK_EQ(0, entries(dir));
  CHECK_EQ(0, rmdir(name));
  check_gone(dir);

  /* A new directory of the name is another one. */
  CHECK_EQ(0, mkdir(name, 0755));
  close(MUST(open(inner, O_CREAT | O_WRONLY, 0644)));
  check_gone(dir);
  struct stat st;
  CHECK_EQ(0, stat(inner, &st));
  closedir(dir);
  CHECK_EQ(0, unlink(inner));
  dir = open_directory(name);
  CHECK_EQ(0, entries(dir));
  closedir(dir);
}

int main(int argc, char **argv) {
  start(argc, argv);
  attributes = argc > 2 && strcmp(argv[2], "attributes") == 0;
  remove_and_check("dir");
  CHECK_EQ(0, mkdir("upper", 0755));
  close(MUST(open("upper/inner", O_CREAT | O_WRONLY, 0644)));
  remove_and_check("upper");

  /* Replaced by a rename. */
  CHECK_EQ(0, mkdir("source", 0755));
  close(MUST(open("source/inner", O_CREAT | O_WRONLY, 0644)));
  DIR *dir = open_directory("upper");
  CHECK_EQ(0, rename("source", "upper"));
  check_gone(dir);
  CHECK_EQ(0, access("upper/inner", F_OK));
  closedir(dir);

  /* The working directory itself. */
  CHECK_EQ(0, mkdir("cwd", 0755));
  CHECK_EQ(0, chdir("cwd"));
  CHECK_EQ(0, rmdir("../cwd"));
  char buffer[4096];
  CHECK(getcwd(buffer, sizeof buffer) == NULL && errno == ENOENT);
  CHECK_ERRNO(ENOENT, open("new", O_CREAT | O_WRONLY, 0600));
  if (attributes) {
    struct stat st;
    CHECK_EQ(0, stat(".", &st));
    /* The permission to search it is an attribute. */
    CHECK_EQ(0, chdir(".."));
    CHECK_EQ(0, access("text", F_OK));
  }
  return finish();
}
