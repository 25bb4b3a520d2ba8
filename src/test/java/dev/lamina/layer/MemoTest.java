package dev.lamina.layer;

import static dev.lamina.testing.Tree.bytes;
import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.ReadFaults;
import dev.lamina.testing.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class MemoTest {
  private static final int RUNS = 60;
  private static final int ENTRIES = 3000;

  private static DirectoryLayer layer(Path root) {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    int fd = ok(Linux.openat(Linux.AT_FDCWD, bytes(root.toString()), flags, 0));
    return new DirectoryLayer(0, true, "", fd, new DescriptorCache(8));
  }

  /** A concurrent listing that has not seen the mark yet does not overwrite the memo. */
  @Test
  void aWhiteoutThatIsMadeDuringTheFirstLookIsSeen() throws Exception {
    ExecutorService other = Executors.newSingleThreadExecutor();
    try (Sandbox sandbox = new Sandbox()) {
      Path root = sandbox.directory("root");
      for (int i = 0; i < ENTRIES; i++) {
        Files.createFile(root.resolve("entry" + i));
      }
      for (int run = 0; run < RUNS; run++) {
        byte[] name = bytes("gone" + run);
        try (DirectoryLayer layer = layer(root)) {
          CyclicBarrier start = new CyclicBarrier(2);
          Future<Boolean> look =
              other.submit(
                  () -> {
                    start.await();
                    return Whiteouts.isHiddenByPrefix(layer.root(), bytes("missing"));
                  });
          int dirfd = layer.root().acquire();
          start.await();
          ok(UpperFormat.USER.makeWhiteout(layer.root(), dirfd, name));
          layer.root().release();
          assertFalse(look.get());
          assertTrue(Whiteouts.isHiddenByPrefix(layer.root(), name), "run " + run);
        }
        Files.delete(root.resolve(".wh.gone" + run));
      }
    } finally {
      other.shutdownNow();
    }
  }

  @Test
  void whatAChangeHasToldStays() throws ErrnoException {
    try (Sandbox sandbox = new Sandbox();
        DirectoryLayer layer = layer(sandbox.directory("root"))) {
      FdDirectory root = layer.root();
      assertEquals(Memo.UNKNOWN, DirectoryMarks.BY_PREFIX.get(root));
      DirectoryMarks.BY_PREFIX.set(root, DirectoryMarks.PREFIXED);
      assertEquals(
          DirectoryMarks.PREFIXED,
          DirectoryMarks.BY_PREFIX.learn(root, DirectoryMarks.NO_PREFIXED));
      assertEquals(DirectoryMarks.PREFIXED, DirectoryMarks.BY_PREFIX.get(root));
      assertEquals(Memo.UNKNOWN, DirectoryMarks.BY_ATTRIBUTE.get(root));
      assertFalse(Opaque.isOpaque(root));
      Opaque.wasMadeOpaque(root);
      assertTrue(Opaque.isOpaque(root));
      assertEquals(DirectoryMarks.PREFIXED, DirectoryMarks.BY_PREFIX.get(root));
    }
  }

  @Test
  void whatCouldNotBeReadIsNotRemembered() throws ErrnoException {
    try (Sandbox sandbox = new Sandbox();
        DirectoryLayer layer = layer(sandbox.directory("root"))) {
      FdDirectory root = layer.root();
      try (ReadFaults faults = ReadFaults.of(1, Errno.EIO)) {
        assertFalse(Whiteouts.isHiddenByPrefix(root, bytes("missing")));
        assertTrue(faults.failed().isPresent());
      }
      assertEquals(Memo.UNKNOWN, DirectoryMarks.BY_PREFIX.get(root));
    }
  }
}
