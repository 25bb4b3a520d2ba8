/* Descriptors that are older than the copy-up of their file. */
#include "check.h"
#include <dirent.h>

static ino_t listed_ino(const char *name) {
  DIR *dir = opendir(".");
  ino_t ino = 0;
  for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
    if (strcmp(entry->d_name, name) == 0) {
      ino = entry->d_ino;
    }
  }
  closedir(dir);
  return ino;
}

static void check_same(const char *name, struct stat before) {
  struct stat now;
  CHECK_EQ(0, stat(name, &now));
  CHECK_EQ(before.st_ino, now.st_ino);
  CHECK_EQ(before.st_dev, now.st_dev);
  CHECK_EQ(before.st_ino, listed_ino(name));
}

int main(int argc, char **argv) {
  start(argc, argv);
  int ro = MUST(open("text", O_RDONLY));
  int path = MUST(open("text", O_PATH));
  struct stat before = fstat_of(ro);
  check_same("text", before);
  int twin = MUST(dup(ro));
  char buffer[16];
  CHECK_EQ(6, read(ro, buffer, 6));
  CHECK_EQ(6, lseek(twin, 0, SEEK_CUR));

  /* chmod and utimens alone. */
  CHECK_EQ(0, fchmod(ro, 0604));
  CHECK_EQ(0604, fstat_of(ro).st_mode & 07777);
  CHECK_EQ(0604, fstat_of(path).st_mode & 07777);
  check_same("text", before);
  struct timespec times[2] = {{1, 2}, {3, 4}};
  CHECK_EQ(0, futimens(ro, times));
  CHECK_EQ(3, fstat_of(path).st_mtim.tv_sec);
  CHECK_EQ(4, fstat_of(path).st_mtim.tv_nsec);

  /* Then the data. */
  int rw = MUST(open("text", O_RDWR));
  CHECK_EQ(1, pwrite(rw, "T", 1, 6));
  check_same("text", before);
  CHECK_EQ(before.st_ino, fstat_of(ro).st_ino);
  CHECK_EQ(before.st_ino, fstat_of(rw).st_ino);
  CHECK_EQ(before.st_ino, fstat_of(path).st_ino);
  CHECK_EQ(fstat_of(rw).st_mtim.tv_sec, fstat_of(ro).st_mtim.tv_sec);

  /* One offset for a descriptor and its duplicate, across the copy-up. */
  CHECK_EQ(4, read(twin, buffer, sizeof buffer));
  CHECK(memcmp(buffer, "Text", 4) == 0);
  CHECK_EQ(10, lseek(ro, 0, SEEK_CUR));
  CHECK_EQ(0, close(ro));
  CHECK_EQ(0, read(twin, buffer, sizeof buffer));

  /* Two that append, and one that does not. */
  int a = MUST(open("text", O_WRONLY | O_APPEND));
  int b = MUST(open("text", O_WRONLY | O_APPEND));
  CHECK_EQ(1, write(a, "1", 1));
  CHECK_EQ(1, write(b, "2", 1));
  CHECK_EQ(1, pwrite(rw, "L", 1, 0));
  CHECK_EQ(1, write(a, "3", 1));
  CHECK(holds(rw, "Lower Text123"));
  CHECK_EQ(3, read(twin, buffer, sizeof buffer));
  CHECK_EQ(0, ftruncate(rw, 0));
  CHECK_EQ(1, write(b, "4", 1));
  CHECK(holds(rw, "4"));
  CHECK_EQ(1, fstat_of(twin).st_size);

  /* F_SETFL turns appending on for a descriptor that is open. */
  CHECK_EQ(0, fcntl(rw, F_SETFL, O_APPEND));
  CHECK_EQ(0, lseek(rw, 0, SEEK_SET));
  CHECK_EQ(1, write(rw, "5", 1));
  CHECK(holds(rw, "45"));

  /* A rename keeps file and descriptor together. */
  CHECK_EQ(0, rename("text", "renamed"));
  check_same("renamed", before);
  CHECK(holds(rw, "45"));
  CHECK_EQ(0, faccessat(path, "", R_OK, AT_EMPTY_PATH));
  return finish();
}
