package dev.lamina.union;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.fuse.AttrReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.fuse.SetattrRequest;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Mode;
import dev.lamina.sys.ProcessCalls;
import dev.lamina.sys.ReadFaults;
import dev.lamina.testing.Tree;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Tests that a read error is not taken for "no entry" or "no mark", and is not remembered. */
class ReadFaultTest {
  private static final long ROOT = FuseFileSystem.ROOT;
  private static final int SOMEBODY = 65534;
  private static final int[] ERRORS = {
    Errno.EIO, Errno.EMFILE, Errno.ENOMEM, Errno.EACCES, Errno.EINTR, Errno.ELOOP
  };

  /** An operation that is done with a fault, and then once more without. */
  @FunctionalInterface
  private interface Check {
    void run(InProcess union) throws Exception;
  }

  /** Makes each read of an operation fail in turn, with checks after each. */
  private static void eachReadFails(Check fill, Check operation, Check after) throws Exception {
    eachReadFails(ERRORS, fill, operation, after);
  }

  private static void eachReadFails(int[] errors, Check fill, Check operation, Check after)
      throws Exception {
    for (int errno : errors) {
      boolean failed = true;
      for (int number = 1; failed; number++) {
        try (InProcess union = new InProcess(2, 100)) {
          fill.run(union);
          union.mount();
          try (ReadFaults faults = ReadFaults.of(number, errno)) {
            try {
              operation.run(union);
            } catch (ErrnoException e) {
              assertTrue(
                  e.errno() == errno || e.errno() == Errno.ENOTEMPTY,
                  () -> "call " + faults.failed() + ": " + e.getMessage());
            }
            failed = faults.failed().isPresent();
          }
          after.run(union);
        }
      }
    }
  }

  private static void refused(int errno, Executable action) {
    assertEquals(errno, assertThrows(ErrnoException.class, action).errno());
  }

  @Test
  void whatCannotBeLookedAtIsNotRemoved() throws Exception {
    eachReadFails(
        union -> {
          Files.createDirectory(union.upper().resolve("d"));
          Tree upper = new Tree(union.upper());
          Tree.ok(upper.mknod("d/device", Mode.S_IFCHR | 0600, 0x103));
          Tree.ok(upper.mkdir("d/below", 0700));
          upper.write("d/below/file", "kept");
        },
        union -> union.fileSystem.rmdir(union.context, ROOT, InProcess.bytes("d")),
        union -> {
          Tree upper = new Tree(union.upper());
          assertEquals("kept", upper.read("d/below/file"));
          assertTrue(upper.exists("d/device"));
          long directory = union.lookup(ROOT, "d").nodeid;
          assertEquals(List.of("below", "device"), sorted(union.list(directory)));
          assertEquals(List.of(), sorted(List.of(union.work().resolve("work").toFile().list())));
        });
  }

  /** A directory with a reserved name is neither visible to users nor a mark. */
  @Test
  void whatIsNoMarkIsNotRemoved() throws Exception {
    try (InProcess union = new InProcess(1, 100)) {
      Files.createDirectories(union.upper().resolve("d/.wh.x"));
      Files.writeString(union.upper().resolve("d/.wh.x/file"), "kept");
      Files.createFile(union.upper().resolve("d/.wh.y"));
      union.mount();
      byte[] name = InProcess.bytes("d");
      refused(Errno.ENOTEMPTY, () -> union.fileSystem.rmdir(union.context, ROOT, name));
      assertEquals("kept", Files.readString(union.upper().resolve("d/.wh.x/file")));
      assertTrue(Files.exists(union.upper().resolve("d/.wh.y")));
      Files.delete(union.upper().resolve("d/.wh.x/file"));
      Files.delete(union.upper().resolve("d/.wh.x"));
      union.fileSystem.rmdir(union.context, ROOT, name);
      assertFalse(Files.exists(union.upper().resolve("d")));
    }
  }

  @Test
  void anOpaqueDirectoryHidesWhatIsBelow() throws Exception {
    opaqueIn("trusted.overlay.opaque");
    opaqueIn("user.overlay.opaque");
    opaqueIn(null);
  }

  private static void opaqueIn(String attribute) throws Exception {
    eachReadFails(
        union -> {
          Files.createDirectory(union.lower(0).resolve("d"));
          Files.createDirectory(union.lower(1).resolve("d"));
          Files.writeString(union.lower(1).resolve("d/below"), "");
          if (attribute == null) {
            Files.createFile(union.lower(0).resolve("d/.wh..wh..opq"));
          } else {
            Tree.ok(new Tree(union.lower(0)).setxattr("d", attribute, "y"));
          }
        },
        union -> {
          long directory = union.lookup(ROOT, "d").nodeid;
          assertEquals(0, union.lookup(directory, "below").nodeid);
          assertEquals(List.of(), union.list(directory));
        },
        union -> {
          long directory = union.lookup(ROOT, "d").nodeid;
          assertEquals(0, union.lookup(directory, "below").nodeid);
          assertEquals(List.of(), union.list(directory));
        });
  }

  @Test
  void aWhiteoutHidesWhatIsBelow() throws Exception {
    eachReadFails(
        union -> {
          Tree top = new Tree(union.lower(0));
          top.whiteout("device");
          top.write(".wh.prefixed", "");
          top.write("attribute", "");
          Tree.ok(top.setxattr("attribute", "trusted.overlay.whiteout", ""));
          Tree.ok(top.setxattr("", "trusted.overlay.opaque", "x"));
          for (String name : List.of("device", "prefixed", "attribute", "shown")) {
            Files.writeString(union.lower(1).resolve(name), "");
          }
        },
        ReadFaultTest::onlyOneIsShown,
        ReadFaultTest::onlyOneIsShown);
  }

  private static void onlyOneIsShown(InProcess union) throws ErrnoException {
    assertEquals(List.of("shown"), union.list(ROOT));
    for (String name : List.of("device", "prefixed", "attribute")) {
      assertEquals(0, union.lookup(ROOT, name).nodeid, name);
    }
    assertNotEquals(0, union.lookup(ROOT, "shown").nodeid);
  }

  @Test
  void redirectsAndMetacopiesAreFollowed() throws Exception {
    eachReadFails(
        union -> {
          Tree top = new Tree(union.lower(0));
          Tree.ok(top.mkdir("new", 0755));
          Tree.ok(top.setxattr("new", "trusted.overlay.redirect", "/old"));
          top.write("meta", "");
          Tree.ok(top.truncate("meta", 4));
          Tree.ok(top.setxattr("meta", "trusted.overlay.metacopy", ""));
          Files.createDirectory(union.lower(1).resolve("old"));
          Files.writeString(union.lower(1).resolve("old/file"), "");
          Files.writeString(union.lower(1).resolve("meta"), "data");
        },
        ReadFaultTest::redirectedIsShown,
        ReadFaultTest::redirectedIsShown);
  }

  private static void redirectedIsShown(InProcess union) throws ErrnoException {
    EntryReply directory = union.lookup(ROOT, "new");
    assertEquals(List.of("file"), union.list(directory.nodeid));
    EntryReply file = union.lookup(ROOT, "meta");
    long handle = union.open(file.nodeid, 0);
    try {
      assertEquals("data", union.read(file.nodeid, handle));
    } finally {
      union.fileSystem.release(union.context, file.nodeid, handle);
    }
  }

  /** The redirects are refused as in kernel overlayfs (ovl_get_redirect_xattr). */
  @Test
  void aRedirectThatIsNoneIsAnError() throws Exception {
    for (String redirect : List.of("", "a/b", "/", "//", "/a/../b", "..")) {
      try (InProcess union = new InProcess(2, 100)) {
        Files.createDirectory(union.lower(0).resolve("d"));
        Files.createDirectory(union.lower(1).resolve("d"));
        Tree.ok(new Tree(union.lower(0)).setxattr("d", "trusted.overlay.redirect", redirect));
        union.mount();
        refused(Errno.EINVAL, () -> union.lookup(ROOT, "d"));
      }
    }
  }

  /**
   * A write by root clears no bits, but it must be known that it is root. EACCES is an answer here:
   * the daemon may not see the caller's namespaces, so the caller counts as an ordinary user.
   */
  @Test
  void whoWritesIsNotGuessed() throws Exception {
    eachReadFails(
        Arrays.stream(ERRORS).filter(errno -> errno != Errno.EACCES).toArray(),
        union -> {
          Tree upper = new Tree(union.upper());
          upper.write("program", "");
          Tree.ok(upper.chmod("program", 06755));
        },
        union -> {
          union.context.pid = (int) ProcessHandle.current().pid();
          SetattrRequest request = new SetattrRequest();
          request.handle = FuseFileSystem.NO_HANDLE;
          request.dropSetid = true;
          long file = union.lookup(ROOT, "program").nodeid;
          union.fileSystem.setattr(union.context, file, request, new AttrReply());
        },
        union -> assertEquals(06755, new Tree(union.upper()).stat("program").mode & 07777));
  }

  /**
   * A daemon of an ordinary user shows a directory that it may not search, as overlayfs does. Names
   * that are hidden in it count once the daemon may search it.
   */
  @Test
  void whatMayNotBeSearchedIsShownAllTheSame() throws Exception {
    try (InProcess union = new InProcess(2, 100)) {
      for (int layer = 0; layer < 2; layer++) {
        Files.createDirectory(union.lower(layer).resolve("secret"));
        Files.createDirectory(union.lower(layer).resolve("shown"));
      }
      Tree top = new Tree(union.lower(0));
      top.write("secret/.wh..wh..opq", "");
      Tree.ok(top.chmod("secret", 0700));
      Tree.ok(top.chmod("shown", 0711));
      Files.writeString(union.lower(1).resolve("secret/hidden"), "");
      Files.writeString(union.lower(1).resolve("shown/below"), "");
      Tree.ok(new Tree(union.lower(1)).chmod("shown", 0755));
      Tree.ok(new Tree("" + union.root).chmod("lower0", 0755));
      union.mount();
      long secret;
      ProcessCalls.setfsuid(SOMEBODY);
      try {
        assertEquals(List.of("secret", "shown"), sorted(union.list(ROOT)));
        secret = union.lookup(ROOT, "secret").nodeid;
        refused(Errno.EACCES, () -> union.lookup(secret, "hidden"));
        refused(Errno.EACCES, () -> union.list(secret));
        assertFalse(union.lookup(union.lookup(ROOT, "shown").nodeid, "below").isNegative());
      } finally {
        ProcessCalls.setfsuid(0);
      }
      assertTrue(union.lookup(secret, "hidden").isNegative());
      assertEquals(List.of(), union.list(secret));
    }
  }

  private static List<String> sorted(List<String> names) {
    return names.stream().sorted().toList();
  }
}
