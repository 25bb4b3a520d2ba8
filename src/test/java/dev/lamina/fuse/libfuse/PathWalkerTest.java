package dev.lamina.fuse.libfuse;

import static dev.lamina.fuse.libfuse.MirrorMount.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.RequestContext;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Sandbox;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests walks without a mount, and counts lookups. */
class PathWalkerTest {
  private final Sandbox sandbox = new Sandbox();
  private MirrorFileSystem fileSystem;
  private DirectoryCache directories;
  private Orphans orphans;
  private PathWalker walker;

  @BeforeEach
  void makeTree() {
    String root = sandbox.root().toString();
    Commands.run("mkdir", "-p", root + "/a/b/c").succeed();
    Commands.run("touch", root + "/a/b/c/f", root + "/file").succeed();
    Commands.run("ln", "-s", "a", root + "/link").succeed();
    fileSystem = new MirrorFileSystem(sandbox.root());
    directories = new DirectoryCache(fileSystem);
    orphans = new Orphans(fileSystem);
    walker = new PathWalker(fileSystem, directories, orphans, new RequestContext());
  }

  @AfterEach
  void everyLookupIsGivenBack() {
    directories.clear();
    orphans.clear();
    assertEquals(1, fileSystem.nodesInUse());
    fileSystem.destroy();
    assertEquals(List.of(), fileSystem.complaints);
    sandbox.close();
  }

  private long lookupsFor(String path) throws ErrnoException {
    long before = fileSystem.lookups.get();
    try {
      walker.start(bytes(path));
      walker.lookup();
    } finally {
      walker.finish();
    }
    return fileSystem.lookups.get() - before;
  }

  private int failureOf(String path) {
    return assertThrows(ErrnoException.class, () -> lookupsFor(path)).errno();
  }

  @Test
  void rootNeedsNoLookup() throws ErrnoException {
    walker.start(bytes("/"));
    assertTrue(walker.isRoot());
    assertEquals(FuseFileSystem.ROOT, walker.lookup());
    assertEquals(Errno.EBUSY, assertThrows(ErrnoException.class, walker::parent).errno());
    walker.finish();
    assertEquals(0, fileSystem.lookups.get());
  }

  @Test
  void directoriesAreWalkedOnce() throws ErrnoException {
    assertEquals(4, lookupsFor("/a/b/c/f"));
    assertEquals(1, lookupsFor("/a/b/c/f"));
    walker.start(bytes("/a/b/c/x"));
    assertArrayEquals(bytes("x"), walker.name());
    walker.finish();
  }

  @Test
  void walkGoesOnFromTheNearestKnownDirectory() throws ErrnoException {
    assertEquals(2, lookupsFor("/a/b"));
    // /a is cached; b and c are looked up.
    assertEquals(3, lookupsFor("/a/b/c/f"));
  }

  @Test
  void failuresGiveEverythingBack() throws ErrnoException {
    assertEquals(Errno.ENOENT, failureOf("/none"));
    assertEquals(Errno.ENOENT, failureOf("/a/none/f"));
    assertEquals(Errno.ENOENT, failureOf("/a/b/c/none"));
    assertEquals(Errno.ENOTDIR, failureOf("/file/x"));
    assertEquals(Errno.ENOTDIR, failureOf("/a/b/c/f/x/y"));
    assertEquals(Errno.ENOTDIR, failureOf("/link/b"));
    assertEquals(Errno.ENAMETOOLONG, failureOf("/a/" + "n".repeat(256)));
  }

  @Test
  void linkIsAnObjectItself() throws ErrnoException {
    walker.start(bytes("/link"));
    walker.lookup();
    assertTrue(walker.entry().stat.isSymlink());
    walker.finish();
  }

  @Test
  void keptLookupIsTheCallers() throws ErrnoException {
    walker.start(bytes("/a/b/c/f"));
    long nodeid = walker.lookup();
    assertTrue(walker.keep());
    walker.finish();
    fileSystem.forget(nodeid, 1);
  }

  @Test
  void renamedDirectoriesAreWalkedAgain() throws ErrnoException {
    lookupsFor("/a/b/c/f");
    directories.removeTree(bytes("/a/b"));
    assertEquals(4, lookupsFor("/a/b/c/f"));
    directories.removeTree(bytes("/a/b/cc"));
    assertEquals(1, lookupsFor("/a/b/c/f"));
    directories.remove(bytes("/a/b/c"));
    assertEquals(4, lookupsFor("/a/b/c/f"));
  }

  @Test
  void directoryInUseIsGivenBackWhenItsUserIsDone() throws ErrnoException {
    lookupsFor("/a/b/c/f");
    walker.start(bytes("/a/b/c/f"));
    directories.removeTree(bytes("/a"));
    assertEquals(2, fileSystem.nodesInUse());
    walker.lookup();
    walker.finish();
    assertEquals(1, fileSystem.nodesInUse());
  }

  @Test
  void cacheIsBounded() throws ErrnoException {
    String root = sandbox.root().toString();
    Commands.run("sh", "-c", "mkdir " + root + "/many && cd " + root + "/many && mkdir $(seq 1500)")
        .succeed();
    for (int i = 1; i <= 1500; i++) {
      walker.start(bytes("/many/" + i + "/x"));
      walker.finish();
    }
    assertTrue(fileSystem.nodesInUse() < 600, fileSystem.nodesInUse() + " nodes");
    long lookups = fileSystem.lookups.get();
    walker.start(bytes("/many/1500/x"));
    walker.finish();
    assertEquals(lookups, fileSystem.lookups.get());
  }

  @Test
  void orphanIsFoundByItsHiddenNameAlone() throws ErrnoException {
    walker.start(bytes("/file"));
    long nodeid = walker.lookup();
    walker.keep();
    walker.finish();
    orphans.add(bytes(".fuse_hidden0000000a0000000b"), nodeid, false);
    walker.start(bytes("/anywhere/.fuse_hidden0000000a0000000b"));
    assertTrue(walker.isOrphan());
    assertEquals(nodeid, walker.lookup());
    assertEquals(Errno.ENOENT, assertThrows(ErrnoException.class, walker::parent).errno());
    walker.finish();
    assertTrue(orphans.isHidden(10));
    assertEquals(Errno.ENOENT, failureOf("/.fuse_hidden0000000a0000000c"));
    assertThrows(
        ErrnoException.class,
        () -> {
          try {
            walker.startName(bytes("/.fuse_hidden0000000a0000000b"));
            walker.lookup();
          } finally {
            walker.finish();
          }
        });
    orphans.remove(bytes(".fuse_hidden0000000a0000000b"));
    assertEquals(1, fileSystem.nodesInUse());
  }
}
