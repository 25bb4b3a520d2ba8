/* A lower file opened for reading, then for writing: one file, and the lower one stays as it is. */
#include "check.h"

int main(int argc, char **argv) {
  start(argc, argv);
  int ro = MUST(open("text", O_RDONLY));
  CHECK(holds(ro, "lower text"));
  int rw = MUST(open("text", O_RDWR));
  CHECK_EQ(5, pwrite(rw, "UPPER", 5, 0));
  CHECK(holds(rw, "UPPER text"));
  CHECK(holds(ro, "UPPER text"));

  int append = MUST(open("text", O_WRONLY | O_APPEND));
  CHECK_EQ(6, write(append, " added", 6));
  CHECK(holds(ro, "UPPER text added"));
  CHECK_EQ(16, fstat_of(ro).st_size);

  int again = MUST(open("text", O_RDONLY));
  CHECK(holds(again, "UPPER text added"));
  CHECK_EQ(0, ftruncate(rw, 5));
  CHECK(holds(ro, "UPPER"));
  CHECK(holds(again, "UPPER"));

  int trunc = MUST(open("text", O_WRONLY | O_TRUNC));
  CHECK(holds(ro, ""));
  CHECK_EQ(3, write(trunc, "new", 3));
  CHECK(holds(ro, "new"));
  CHECK(holds(rw, "new"));
  close(trunc);
  close(again);
  close(append);
  close(rw);
  CHECK(holds(ro, "new"));
  close(ro);

  /* A file opened to be written that is not: as it was. */
  rw = MUST(open("other", O_RDWR));
  CHECK(holds(rw, "other text"));
  close(rw);

  /* O_TRUNC alone changes the file. */
  close(MUST(open("other", O_WRONLY | O_TRUNC)));
  struct stat st;
  CHECK_EQ(0, stat("other", &st));
  CHECK_EQ(0, st.st_size);
  return finish();
}
