/* Positions in a directory of 5000 lower and some upper entries, while entries go away. */
#include "check.h"
#include <dirent.h>

#define LOWER 5000
#define UPPER 200
#define ALL (LOWER + UPPER)

/* Entries are named by their number; the new ones by a number that follows. */
static int number(const struct dirent *entry) {
  return entry->d_name[0] == '.' ? -1 : atoi(entry->d_name);
}

static struct dirent *next(DIR *dir) {
  struct dirent *entry;
  do {
    errno = 0;
    entry = readdir(dir);
  } while (entry && number(entry) < 0);
  if (!entry) {
    CHECK_EQ(0, errno);
  }
  return entry;
}

static void name_of(int i, char name[32]) { snprintf(name, 32, "many/%d", i); }

int main(int argc, char **argv) {
  start(argc, argv);
  char name[32];
  for (int i = LOWER; i < ALL; i++) {
    name_of(i, name);
    close(MUST(open(name, O_CREAT | O_EXCL | O_WRONLY, 0644)));
  }

  static int seen[ALL], order[ALL];
  static long position[ALL + 1];
  DIR *dir = opendir("many");
  int count = 0;
  position[0] = telldir(dir);
  for (struct dirent *entry = next(dir); entry; entry = next(dir)) {
    if (count == ALL || number(entry) >= ALL) {
      printf("too many entries: %s\n", entry->d_name);
      return 1;
    }
    seen[number(entry)]++;
    order[count++] = number(entry);
    position[count] = telldir(dir);
  }
  CHECK_EQ(ALL, count);
  for (int i = 0; i < ALL; i++) {
    if (seen[i] != 1) {
      printf("entry %d is listed %d times\n", i, seen[i]);
      failures++;
      break;
    }
  }

  /* Back to any position: the entries that followed it follow. */
  unsigned state = 1;
  for (int round = 0; round < 300; round++) {
    state = state * 1103515245 + 12345;
    int at = (state >> 8) % count;
    seekdir(dir, position[at]);
    for (int i = at; i < at + 3 && i < count; i++) {
      struct dirent *entry = next(dir);
      CHECK_EQ(order[i], entry ? number(entry) : -1);
    }
    if (failures) {
      return finish();
    }
  }
  seekdir(dir, position[count]);
  CHECK(next(dir) == NULL);

  /* Remove every fourth entry as it is read, as find -delete does: the others come once each. */
  rewinddir(dir);
  memset(seen, 0, sizeof seen);
  int removed = 0;
  for (struct dirent *entry = next(dir); entry; entry = next(dir)) {
    int i = number(entry);
    seen[i]++;
    if (i % 4 == 0) {
      name_of(i, name);
      CHECK_EQ(0, unlink(name));
      removed++;
    }
  }
  for (int i = 0; i < ALL; i++) {
    if (seen[i] != 1) {
      printf("while removing, entry %d is listed %d times\n", i, seen[i]);
      failures++;
      break;
    }
  }
  CHECK_EQ(ALL / 4, removed);

  /* From the start, what is left and what is new. */
  close(MUST(open("many/999999", O_CREAT | O_WRONLY, 0644)));
  rewinddir(dir);
  int left = 0, fresh = 0;
  for (struct dirent *entry = next(dir); entry; entry = next(dir)) {
    CHECK(number(entry) == 999999 || number(entry) % 4 != 0);
    fresh += number(entry) == 999999;
    left++;
  }
  CHECK_EQ(ALL - removed + 1, left);
  CHECK_EQ(1, fresh);
  closedir(dir);
  return finish();
}
