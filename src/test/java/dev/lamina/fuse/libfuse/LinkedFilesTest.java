package dev.lamina.fuse.libfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import org.junit.jupiter.api.Test;

class LinkedFilesTest {
  private static final long INO = 77;
  private static final int APPENDING = OpenFlags.O_WRONLY | OpenFlags.O_APPEND;

  private final LinkedFiles files = new LinkedFiles();
  private final CachePolicy policy = new CachePolicy(files);

  private static Stat stat(int nlink) {
    Stat stat = new Stat();
    stat.ino = INO;
    stat.nlink = nlink;
    return stat;
  }

  @Test
  void pagesOutliveOpensUntilAFileWithSeveralNamesIsWritten() {
    policy.written(stat(1), 1);
    assertTrue(policy.mayKeepPages(1));
    files.add(INO, 1);
    files.add(INO, 2);
    assertTrue(policy.mayKeepPages(1));
    policy.written(stat(2), 2);
    assertFalse(policy.mayKeepPages(1));
    assertFalse(policy.mayKeepPages(2));
    assertTrue(policy.mayKeepPages(3));
  }

  @Test
  void fileThatGetsASecondNameMayBeWrittenAnyTime() {
    policy.linked(INO, 1);
    files.add(INO, 2);
    assertFalse(policy.mayKeepPages(2));
  }

  @Test
  void nothingIsLeftWhenTheKernelHasForgottenTheNames() {
    for (int node = 1; node <= 100; node++) {
      files.add(INO + node % 10, node);
      files.add(INO + node % 10, node);
    }
    assertEquals(100, files.size());
    policy.written(stat(2), 10);
    files.remove(101);
    for (int node = 1; node < 100; node++) {
      files.remove(node);
    }
    assertEquals(1, files.size());
    assertFalse(policy.mayKeepPages(100));
    files.remove(100);
    assertEquals(0, files.size());
    files.add(INO, 101);
    assertTrue(policy.mayKeepPages(101));
  }

  @Test
  void writesAppendOnlyWhereTheKernelMayNotKnowTheEnd() {
    assertFalse(policy.appends(APPENDING, 1));
    files.add(INO, 1);
    assertTrue(policy.appends(APPENDING, 1));
    assertFalse(policy.appends(OpenFlags.O_WRONLY, 1));
    assertFalse(policy.appends(APPENDING, 2));
  }

  /** Files that can be read can be mapped, and older kernels keep pages that have been written. */
  @Test
  void pagesAreBypassedWhereNothingIsLostByIt() {
    files.add(INO, 1);
    policy.init(39);
    assertFalse(policy.bypassesPages(APPENDING, 1));
    policy.init(40);
    assertTrue(policy.bypassesPages(APPENDING, 1));
    assertFalse(policy.bypassesPages(OpenFlags.O_RDWR | OpenFlags.O_APPEND, 1));
    assertFalse(policy.bypassesPages(OpenFlags.O_WRONLY, 1));
    assertFalse(policy.bypassesPages(APPENDING, 2));
  }
}
