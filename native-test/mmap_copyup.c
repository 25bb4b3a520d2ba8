/* Mappings of a lower file that is copied up while they exist. */
#include "check.h"
#include <sys/mman.h>

#define PAGE 4096

int main(int argc, char **argv) {
  start(argc, argv);
  int ro = MUST(open("data", O_RDONLY));
  char *shared = mmap(NULL, 3 * PAGE, PROT_READ, MAP_SHARED, ro, 0);
  char *private = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, ro, 0);
  CHECK(shared != MAP_FAILED && private != MAP_FAILED);
  CHECK(shared[0] == 'a' && shared[2 * PAGE] == 'c' && private[PAGE] == 'b');
  private[0] = 'P';

  int rw = MUST(open("data", O_RDWR));
  char *writable = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rw, 0);
  CHECK(writable != MAP_FAILED);
  CHECK(writable[0] == 'a' && writable[PAGE] == 'b' && writable[3 * PAGE - 1] == 'c');
  writable[PAGE] = 'W';
  CHECK_EQ(0, msync(writable, 3 * PAGE, MS_SYNC));

  char byte = 0;
  CHECK_EQ(1, pread(rw, &byte, 1, PAGE));
  CHECK_EQ('W', byte);
  CHECK_EQ(1, pread(ro, &byte, 1, PAGE));
  CHECK_EQ('W', byte);
  CHECK_EQ(1, pread(rw, &byte, 1, 0));
  CHECK_EQ('a', byte); /* and not the private mapping's P */
  CHECK_EQ('P', private[0]);
  /* Kernel overlayfs keeps an old mapping on the lower file, a page cache that goes on shows the
     change: either is a state that the file had. */
  CHECK(shared[PAGE] == 'b' || shared[PAGE] == 'W');
  CHECK(shared[0] == 'a' && shared[2 * PAGE] == 'c');

  /* write(2) shows in the mapping, and the other way round, without msync. */
  CHECK_EQ(1, pwrite(rw, "x", 1, 2 * PAGE));
  CHECK_EQ('x', writable[2 * PAGE]);
  writable[2 * PAGE + 1] = 'y';
  CHECK_EQ(1, pread(rw, &byte, 1, 2 * PAGE + 1));
  CHECK_EQ('y', byte);

  /* The mapping outlives its descriptor, and what it wrote the file's last close. */
  CHECK_EQ(0, close(rw));
  CHECK_EQ(0, close(ro));
  writable[0] = 'Z';
  CHECK_EQ(0, msync(writable, 3 * PAGE, MS_SYNC));
  writable[1] = 'z';
  CHECK_EQ(0, munmap(writable, 3 * PAGE));
  CHECK_EQ(0, munmap(shared, 3 * PAGE));
  CHECK_EQ(0, munmap(private, 3 * PAGE));
  ro = MUST(open("data", O_RDONLY));
  char head[2] = {0, 0};
  CHECK_EQ(2, pread(ro, head, 2, 0));
  CHECK(head[0] == 'Z' && head[1] == 'z');
  CHECK_EQ(3 * PAGE, fstat_of(ro).st_size);
  close(ro);

  /* A new file, mapped and grown. */
  rw = MUST(open("grown", O_RDWR | O_CREAT | O_EXCL, 0644));
  CHECK_EQ(0, ftruncate(rw, 2 * PAGE));
  writable = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, rw, 0);
  CHECK(writable != MAP_FAILED);
  writable[PAGE] = '2';
  CHECK_EQ(0, munmap(writable, 2 * PAGE));
  CHECK_EQ(1, pread(rw, &byte, 1, PAGE));
  CHECK_EQ('2', byte);
  close(rw);
  return finish();
}
