package dev.lamina.union;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.layer.EntryVisitor;
import dev.lamina.layer.Layer;
import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.LayerFile;
import dev.lamina.layer.LayerStack;
import dev.lamina.layer.Merge;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import dev.lamina.testing.Tree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests layers that other tests cannot have: unusual ones and malicious ones. */
class MergeTest {
  private static final String REDIRECT = "trusted.overlay.redirect";

  private static void redirect(Path directory, String target) throws Exception {
    Files.createDirectories(directory);
    Tree.ok(new Tree(directory).setxattr("", REDIRECT, target));
  }

  private static int errnoOfLookup(InProcess union, String name) {
    return assertThrows(ErrnoException.class, () -> union.lookup(FuseFileSystem.ROOT, name))
        .errno();
  }

  /** Every layer sends each component of its path through all components of the next. */
  @Test
  void redirectsThatMultiplyEndInAnError() throws Exception {
    int layers = 12;
    String path = "/p".repeat(50);
    try (InProcess union = new InProcess(layers, 1000)) {
      for (int i = 0; i < layers; i++) {
        Files.createDirectories(Path.of(union.lower(i) + path));
        String at = "";
        for (int depth = 0; depth < 50; depth++) {
          at += "/p";
          redirect(Path.of(union.lower(i) + at), path);
        }
        Files.createDirectories(union.lower(i).resolve("harmless"));
      }
      Files.createDirectories(union.upper().resolve("p"));
      union.mount();
      assertEquals(Errno.ELOOP, errnoOfLookup(union, "p"));
      assertFalse(union.lookup(FuseFileSystem.ROOT, "harmless").isNegative());
      // The number of the entry cannot be read. Kernel overlayfs fails here too.
      int errno = assertThrows(ErrnoException.class, () -> union.list(FuseFileSystem.ROOT)).errno();
      assertEquals(Errno.ELOOP, errno);
    }
  }

  /** A redirect to itself, and two redirects to each other, go down a layer each time. */
  @Test
  void redirectsInACircleEnd() throws Exception {
    int layers = 20;
    try (InProcess union = new InProcess(layers, 1000)) {
      for (int i = 0; i < layers; i++) {
        redirect(union.lower(i).resolve("self"), "/self");
        redirect(union.lower(i).resolve("a"), "/b");
        redirect(union.lower(i).resolve("b"), "a");
        Files.writeString(union.lower(i).resolve("self/of" + i), "");
      }
      union.mount();
      EntryReply self = union.lookup(FuseFileSystem.ROOT, "self");
      assertEquals(layers, union.list(self.nodeid).size());
      assertFalse(union.lookup(FuseFileSystem.ROOT, "a").isNegative());
      assertFalse(union.lookup(FuseFileSystem.ROOT, "b").isNegative());
    }
  }

  @Test
  void longRedirectsThroughManyLayersAreFollowed() throws Exception {
    int layers = 20;
    String path = "/d".repeat(100);
    try (InProcess union = new InProcess(layers, 1000)) {
      redirect(union.lower(0).resolve("moved"), path);
      for (int i = 1; i < layers; i++) {
        Path bottom = Files.createDirectories(Path.of(union.lower(i) + path));
        Files.writeString(bottom.resolve("of" + i), "");
      }
      union.mount();
      EntryReply moved = union.lookup(FuseFileSystem.ROOT, "moved");
      assertEquals(layers - 1, union.list(moved.nodeid).size());
    }
  }

  @Test
  void aNameTooLongForOneLayerMayBeInAnother() throws Exception {
    byte[] name = InProcess.bytes("n".repeat(200));
    Shelf top = new Shelf(0, 100, name);
    Shelf bottom = new Shelf(1, 255, name);
    Merge merge = new Merge(new LayerStack(List.of(top.layer(), bottom.layer())));
    Stat stat = new Stat();
    assertEquals(1, merge.find(new LayerDirectory[] {top, bottom}, 0, name, stat));
    assertTrue(stat.isRegular());
    Shelf shorter = new Shelf(1, 150, name);
    LayerDirectory[] both = {top, shorter};
    assertEquals(Merge.MISSING, merge.find(both, 0, name, stat));
  }

  /** A layer with one file, on a file system that limits the length of names. */
  private static final class Shelf extends LayerDirectory {
    private final int index;
    private final int longest;
    private final byte[] file;

    Shelf(int index, int longest, byte[] file) {
      this.index = index;
      this.longest = longest;
      this.file = file;
    }

    @Override
    public Layer layer() {
      return new Layer() {
        @Override
        public LayerDirectory root() {
          return Shelf.this;
        }

        @Override
        public int index() {
          return index;
        }

        @Override
        public String description() {
          return "shelf";
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public int stat(byte[] name, Stat out) {
      if (name.length > longest) {
        return -Errno.ENAMETOOLONG;
      }
      if (name.length != file.length) {
        return -Errno.ENOENT;
      }
      out.mode = Mode.S_IFREG;
      return 0;
    }

    @Override
    public int statfs(FileSystemStat out) {
      return -Errno.EIO;
    }

    @Override
    public LayerDirectory child(byte[] name) {
      return this;
    }

    @Override
    public void list(EntryVisitor visitor) {}

    @Override
    public int readlink(byte[] name, long address, int size) {
      return -Errno.EINVAL;
    }

    @Override
    public int getxattr(byte[] name, byte[] attribute, long address, int size) {
      return -Errno.ENODATA;
    }

    @Override
    public int listxattr(byte[] name, long address, int size) {
      return 0;
    }

    @Override
    public int open(byte[] name, LayerFile[] out) {
      return -Errno.EIO;
    }

    @Override
    public LayerDirectory retain() {
      return this;
    }

    @Override
    public void drop() {}
  }
}
