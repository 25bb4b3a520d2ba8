package dev.lamina.layer;

import static dev.lamina.testing.Tree.bytes;
import static dev.lamina.testing.Tree.ok;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DescriptorCacheTest {
  private static final int DIRECTORIES = 10;

  @Test
  void whenAllAreInUseTheSearchForOneThatIsNotEnds() throws Exception {
    try (Sandbox sandbox = new Sandbox()) {
      Path root = sandbox.directory("root");
      int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
      int fd = ok(Linux.openat(Linux.AT_FDCWD, bytes(root.toString()), flags, 0));
      DescriptorCache cache = new DescriptorCache(2);
      try (DirectoryLayer layer = new DirectoryLayer(0, false, "", fd, cache)) {
        List<FdDirectory> directories = new ArrayList<>();
        for (int i = 0; i < DIRECTORIES; i++) {
          Files.createDirectory(root.resolve("d" + i));
          directories.add(layer.root().child(bytes("d" + i)));
          // The descriptor is pinned, so it stays open.
          assertTrue(directories.get(i).acquire() >= 0);
        }
        directories.forEach(FdDirectory::release);
        directories.get(0).acquire();
        directories.get(0).release();
        cache.trim();
        long open = directories.stream().filter(FdDirectory::isOpen).count();
        assertTrue(open <= 2, open + " open");
        directories.forEach(FdDirectory::drop);
      }
    }
  }
}
