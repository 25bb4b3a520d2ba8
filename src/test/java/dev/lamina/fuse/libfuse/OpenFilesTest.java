package dev.lamina.fuse.libfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.ErrnoException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OpenFilesTest {
  private final OpenFiles files = new OpenFiles();

  private static OpenFile file(long nodeid) {
    return new OpenFile(nodeid, 0, true, false);
  }

  @Test
  void numbersAreOfOneFileEach() throws ErrnoException {
    List<OpenFile> open = new ArrayList<>();
    Set<Long> numbers = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      OpenFile file = file(i);
      open.add(file);
      long number = files.add(file);
      assertTrue(number > 0 && numbers.add(number));
      assertSame(file, files.get(number));
    }
    for (long number : numbers) {
      open.remove(files.remove(number));
      assertThrows(ErrnoException.class, () -> files.get(number));
    }
    assertEquals(List.of(), open);
    assertThrows(ErrnoException.class, () -> files.get(0));
    assertThrows(ErrnoException.class, () -> files.remove(-1));
  }

  @Test
  void nodeIsOpenUntilItsLastFileIsClosed() throws ErrnoException {
    long first = files.add(file(7));
    long second = files.add(file(7));
    assertFalse(files.isOpen(8));
    files.remove(first);
    assertTrue(files.isOpen(7));
    files.remove(second);
    assertFalse(files.isOpen(7));
    files.add(file(7));
    assertEquals(List.of(file(7)), files.removeAll());
    assertFalse(files.isOpen(7));
  }
}
