package dev.lamina.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.ReadFaults;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Tree;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests that the features of an upper are found out, or an error says that they were not. */
class UpperFeaturesTest {
  private static final byte[] SCRATCH = "scratch".getBytes(ISO_8859_1);

  /**
   * An upper whose format changes between mounts would show removed names again: marks are read by
   * the format (kernel overlayfs knows only its own).
   */
  @Test
  void anErrorMakesNoOtherFormat() {
    try (Sandbox sandbox = new Sandbox()) {
      Path directory = sandbox.directory("upper");
      int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
      int dirfd = Linux.openat(Linux.AT_FDCWD, directory.toString().getBytes(ISO_8859_1), flags, 0);
      UpperFeatures whole = new UpperFeatures();
      assertEquals(0, whole.probe(dirfd, SCRATCH));
      boolean hasFailed = true;
      int number = 0;
      while (hasFailed) {
        number++;
        UpperFeatures features = new UpperFeatures();
        int result;
        try (ReadFaults faults = ReadFaults.of(number, Errno.EIO)) {
          result = features.probe(dirfd, SCRATCH);
          hasFailed = faults.failed().isPresent();
        }
        assertEquals(hasFailed ? -Errno.EIO : 0, result, "read " + number);
        if (!hasFailed) {
          assertSame(whole.format(), features.format());
        }
        assertEquals(List.of(), new Tree(directory).list(""));
      }
      assertTrue(number > 2, "there are reads");
      Linux.close(dirfd);
    }
  }
}
