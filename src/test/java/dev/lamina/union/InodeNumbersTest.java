package dev.lamina.union;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InodeNumbersTest {
  @Test
  void theTopmostFileSystemShowsItsOwnNumbers() {
    InodeNumbers numbers = new InodeNumbers(7);
    assertEquals(1234, numbers.number(7, 1234));
    assertEquals((1L << 48) - 1, numbers.number(7, (1L << 48) - 1));
  }

  @Test
  void equalNumbersOfTwoFileSystemsDiffer() {
    InodeNumbers numbers = new InodeNumbers(7);
    Set<Long> seen = new HashSet<>();
    for (long device = 7; device < 200; device++) {
      for (long ino : new long[] {1, 2, 1L << 47, 1L << 48 | 1, 1L << 63 | 5, -1}) {
        long number = numbers.number(device, ino);
        assertNotEquals(0, number);
        assertEquals(number, numbers.number(device, ino), "always the same");
        assertEquals(true, seen.add(number), device + " " + ino);
      }
    }
  }
}
