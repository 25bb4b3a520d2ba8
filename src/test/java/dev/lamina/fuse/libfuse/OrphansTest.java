package dev.lamina.fuse.libfuse;

import static dev.lamina.fuse.libfuse.MirrorMount.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.RequestContext;
import dev.lamina.sys.ErrnoException;
import dev.lamina.testing.Commands;
import dev.lamina.testing.Sandbox;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Tests when the lookup of a file without a name is given back, for every order of closing and
 * renaming.
 */
class OrphansTest {
  private static final byte[] HIDDEN = bytes(".fuse_hidden0000000a0000000b");

  private final Sandbox sandbox = new Sandbox();
  private MirrorFileSystem fileSystem;
  private Orphans orphans;
  private long nodeid;

  @BeforeEach
  void lookUpAFile() throws ErrnoException {
    Commands.run("touch", sandbox.root() + "/file").succeed();
    fileSystem = new MirrorFileSystem(sandbox.root());
    orphans = new Orphans(fileSystem);
    EntryReply entry = new EntryReply();
    fileSystem.lookup(new RequestContext(), FuseFileSystem.ROOT, bytes("file"), entry);
    nodeid = entry.nodeid;
  }

  @AfterEach
  void itsLookupIsGivenBack() {
    assertTrue(orphans.isEmpty());
    assertEquals(1, fileSystem.nodesInUse());
    fileSystem.destroy();
    assertEquals(List.of(), fileSystem.complaints);
    sandbox.close();
  }

  private void assertKept(Orphans.Orphan orphan) {
    assertSame(orphan, orphans.acquire(HIDDEN));
    orphans.release(orphan);
  }

  @Test
  void unlinkedFileIsGivenUpWhenItsHiddenNameIsRemoved() {
    assertKept(orphans.add(HIDDEN, nodeid, false));
    orphans.remove(HIDDEN);
    assertNull(orphans.acquire(HIDDEN));
  }

  @Test
  void unlinkedFileIsGivenUpWhenItIsClosed() {
    assertKept(orphans.add(HIDDEN, nodeid, false));
    orphans.removeClosed(nodeid);
    assertNull(orphans.acquire(HIDDEN));
  }

  @Test
  void fileInUseIsGivenUpAfterwards() {
    Orphans.Orphan orphan = orphans.add(HIDDEN, nodeid, false);
    assertSame(orphan, orphans.acquire(HIDDEN));
    orphans.remove(HIDDEN);
    assertEquals(2, fileSystem.nodesInUse());
    orphans.release(orphan);
  }

  @Test
  void replacedFileIsGivenUpWhenItIsClosed() {
    Orphans.Orphan orphan = orphans.add(HIDDEN, nodeid, true);
    orphans.replaced(orphan);
    assertKept(orphan);
    orphans.removeClosed(nodeid);
  }

  /** The rename may still fail, and then the name still leads to the file. */
  @Test
  void fileClosedWhileItIsReplacedIsGivenUpAfterwards() {
    Orphans.Orphan orphan = orphans.add(HIDDEN, nodeid, true);
    orphans.removeClosed(nodeid);
    assertKept(orphan);
    orphans.replaced(orphan);
    orphans.removeClosed(nodeid);
  }

  @Test
  void fileWhoseHiddenNameGoesWhileItIsReplacedIsGivenUpAfterwards() {
    Orphans.Orphan orphan = orphans.add(HIDDEN, nodeid, true);
    assertTrue(orphans.isHidden(10));
    orphans.remove(HIDDEN);
    assertFalse(orphans.isHidden(10));
    assertKept(orphan);
    orphans.replaced(orphan);
  }

  @Test
  void fileThatWasNotReplacedIsKept() {
    Orphans.Orphan orphan = orphans.add(HIDDEN, nodeid, true);
    orphans.removeClosed(nodeid);
    orphans.remove(HIDDEN);
    assertKept(orphan);
    orphans.clear();
  }
}
