/* mmap_read FILE: reads a file through a shared mapping, every 8 bytes of it.
 * Prints the time, the length, and the sum (modulo 2^64) of its words. */
#include "measure.h"
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>

int main(int argc, char **argv) {
  if (argc != 2) {
    return 2;
  }
  struct stat attributes;
  long long start = now();
  int file = open(argv[1], O_RDONLY);
  if (file < 0 || fstat(file, &attributes) < 0) {
    fail(argv[1]);
  }
  const uint64_t *words = mmap(NULL, attributes.st_size, PROT_READ, MAP_SHARED, file, 0);
  if (words == MAP_FAILED) {
    fail("mmap");
  }
  uint64_t sum = 0;
  for (off_t i = 0; i < attributes.st_size / 8; i++) {
    sum += words[i];
  }
  long long elapsed = now() - start;
  printf("%lld %lld %llu\n", elapsed, (long long)attributes.st_size, (unsigned long long)sum);
  return 0;
}
