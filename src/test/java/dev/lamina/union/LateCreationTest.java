package dev.lamina.union;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.sys.CallFaults;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** A creation that fails late leaves the name as it was. */
class LateCreationTest {
  private static final int MOST_CALLS = 30;

  /** Creates names that whiteouts beside them hide in a layer below. */
  @Test
  void whatWasRemovedStaysRemoved() throws Exception {
    boolean hasFailed = true;
    int number = 0;
    while (hasFailed) {
      number++;
      assertTrue(number < MOST_CALLS);
      try (InProcess union = new InProcess(1, 100)) {
        Files.writeString(union.lower(0).resolve("gone"), "lower");
        try (CallFaults device = CallFaults.once("mknodat", Errno.EPERM)) {
          union.mount();
          assertTrue(device.haveFailed());
        }
        union.fileSystem.unlink(union.context, FuseFileSystem.ROOT, InProcess.bytes("gone"));
        assertTrue(Files.exists(union.upper().resolve(".wh.gone")));
        try (CallFaults faults = CallFaults.from("statx", number, Errno.EIO)) {
          union.create(FuseFileSystem.ROOT, "gone", "new");
          hasFailed = faults.haveFailed();
        } catch (ErrnoException e) {
          assertEquals(Errno.EIO, e.errno());
          assertEquals(0, union.lookup(FuseFileSystem.ROOT, "gone").nodeid, "call " + number);
        }
      }
    }
    assertTrue(number > 2, "there are such calls");
  }
}
