package dev.lamina.union.inode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InodeNumbersTest {
  @ParameterizedTest
  @EnumSource
  void aFileSystemAloneShowsItsOwnNumbers(Xino xino) {
    InodeNumbers numbers = new InodeNumbers(xino, 7, 7, 7);
    for (long ino : new long[] {1, 1234, (1L << 48) - 1, 1L << 63 | 5, -1}) {
      assertEquals(ino, numbers.number(7, ino));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Xino.class,
      names = {"AUTO", "ON"})
  void equalNumbersOfTwoFileSystemsDiffer(Xino xino) {
    for (int count : new int[] {2, 3, 4, 5, 193}) {
      InodeNumbers numbers = new InodeNumbers(xino, LongStream.range(7, 7 + count).toArray());
      Set<Long> seen = new HashSet<>();
      // There are more devices than those of the layers.
      for (long device = 7; device < 7 + count + 3; device++) {
        for (int bit = 0; bit < 64; bit++) {
          for (long ino : new long[] {1L << bit, (1L << bit) + 5, -1L << bit}) {
            if (bit > 3 && bit < 60) {
              long number = numbers.number(device, ino);
              assertNotEquals(0, number);
              assertTrue(seen.add(number), device + " " + ino);
            }
          }
        }
      }
    }
  }

  @Test
  void smallNumbersStaySmall() {
    for (Xino xino : new Xino[] {Xino.OFF, Xino.AUTO}) {
      InodeNumbers numbers = new InodeNumbers(xino, 7, 8, 9);
      for (long device = 7; device <= 9; device++) {
        assertEquals(0, numbers.number(device, (1L << 30) - 1) >>> 32);
      }
      assertEquals(1234, numbers.number(7, 1234), "the topmost shows its own");
    }
    InodeNumbers numbers = new InodeNumbers(Xino.ON, 7, 8, 9);
    assertEquals(2L << 48 | 1234, numbers.number(9, 1234));
  }

  @Test
  void withoutIndexNumbersAreTheirLayers() {
    InodeNumbers numbers = new InodeNumbers(Xino.OFF, 7, 8, 9);
    assertEquals(0xffff_ffffL, numbers.number(9, 0xffff_ffffL));
    assertEquals(1L << 40, numbers.number(8, 1L << 40));
  }
}
