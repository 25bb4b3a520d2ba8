package dev.lamina.sys;

import static dev.lamina.sys.Workspace.RAW_NAME;
import static dev.lamina.sys.Workspace.bytes;
import static dev.lamina.sys.Workspace.must;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.testing.Commands;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests extended attributes of names and of descriptors, without following symbolic links. */
class XattrsTest {
  private static final byte[] USER = bytes("user.lamina");
  private static final byte[] TRUSTED = bytes("trusted.lamina");

  private final Workspace work = new Workspace();

  @AfterEach
  void close() {
    work.close();
  }

  private int get(int fd, byte[] name, byte[] attribute) {
    return Xattrs.get(fd, name, attribute, work.memory, 100);
  }

  @Test
  void valuesAreSetReadListedAndRemoved() {
    work.write("f", "x");
    byte[] f = bytes("f");
    assertEquals(-Errno.ENODATA, get(work.dir, f, USER));
    assertEquals(0, Xattrs.set(work.dir, f, USER, RAW_NAME));
    assertEquals(RAW_NAME.length, get(work.dir, f, USER));
    assertArrayEquals(RAW_NAME, bytes(work.text(RAW_NAME.length)));
    assertEquals(RAW_NAME.length, Xattrs.get(work.dir, f, USER, 0, 0));
    assertEquals(-Errno.ERANGE, Xattrs.get(work.dir, f, USER, work.memory, 1));
    assertEquals(USER.length + 1, Xattrs.list(work.dir, f, 0, 0));
    assertEquals(USER.length + 1, Xattrs.list(work.dir, f, work.memory, 100));
    assertEquals("user.lamina\0", work.text(USER.length + 1));
    assertEquals(-Errno.ERANGE, Xattrs.list(work.dir, f, work.memory, 3));
    assertEquals(0, Xattrs.remove(work.dir, f, USER));
    assertEquals(-Errno.ENODATA, Xattrs.remove(work.dir, f, USER));
    assertEquals(0, Xattrs.list(work.dir, f, 0, 0));
  }

  @Test
  void flagsTellCreationFromReplacement() {
    work.write("f", "x");
    byte[] f = bytes("f");
    int replace = Xattrs.XATTR_REPLACE;
    assertEquals(-Errno.ENODATA, Xattrs.set(work.dir, f, USER, work.memory, 3, replace));
    assertEquals(0, Xattrs.set(work.dir, f, USER, work.memory, 3, Xattrs.XATTR_CREATE));
    assertEquals(-Errno.EEXIST, Xattrs.set(work.dir, f, USER, work.memory, 3, Xattrs.XATTR_CREATE));
    assertEquals(0, Xattrs.set(work.dir, f, USER, work.memory, 0, replace));
    assertEquals(0, get(work.dir, f, USER));
  }

  @Test
  void anEmptyNameIsTheDescriptorsObject() {
    work.write("f", "x");
    must(Linux.mkdirat(work.dir, bytes("d"), 0700));
    for (String name : new String[] {"f", "d"}) {
      for (int flags : new int[] {OpenFlags.O_PATH, OpenFlags.O_RDONLY}) {
        int fd = work.open(name, flags);
        assertEquals(0, Xattrs.set(fd, Linux.EMPTY, USER, bytes("value")));
        assertEquals(5, get(fd, Linux.EMPTY, USER));
        assertEquals(5, get(work.dir, bytes(name), USER));
        assertEquals(USER.length + 1, Xattrs.list(fd, Linux.EMPTY, 0, 0));
        assertEquals(0, Xattrs.remove(fd, Linux.EMPTY, USER));
        Linux.close(fd);
      }
    }
  }

  /** By name and by descriptor, the attribute is that of the link, and not of its target. */
  @Test
  void aSymbolicLinkIsNeverFollowed() {
    work.write("target", "x");
    for (String target : new String[] {"target", "nowhere", "/proc/self/fd"}) {
      byte[] link = bytes("link");
      must(Linux.symlinkat(bytes(target), work.dir, link));
      assertEquals(0, Xattrs.set(work.dir, link, TRUSTED, bytes("12")));
      assertEquals(2, get(work.dir, link, TRUSTED));
      int fd = work.open("link", OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW);
      assertEquals(2, get(fd, Linux.EMPTY, TRUSTED));
      assertEquals(TRUSTED.length + 1, Xattrs.list(fd, Linux.EMPTY, 0, 0));
      assertEquals(TRUSTED.length + 1, Xattrs.list(work.dir, link, 0, 0));
      assertEquals(0, Xattrs.remove(fd, Linux.EMPTY, TRUSTED));
      assertEquals(0, Xattrs.set(fd, Linux.EMPTY, TRUSTED, bytes("345")));
      assertEquals(3, get(work.dir, link, TRUSTED));
      // A link cannot have user attributes, but its target could.
      assertEquals(-Errno.EPERM, Xattrs.set(work.dir, link, USER, bytes("x")));
      assertEquals(-Errno.EPERM, Xattrs.set(fd, Linux.EMPTY, USER, bytes("x")));
      assertEquals(0, Xattrs.remove(work.dir, link, TRUSTED));
      Linux.close(fd);
      must(Linux.unlinkat(work.dir, link, 0));
    }
    assertEquals(0, Xattrs.list(work.dir, bytes("target"), 0, 0));
  }

  @Test
  void limitsAreTheKernels() {
    must(Linux.mkdirat(work.dir, bytes("m"), 0700));
    String mountPoint = work.root().resolve("m").toString();
    Commands.run("mount", "-t", "tmpfs", "tmpfs", mountPoint).succeed();
    work.write("m/f", "x");
    byte[] f = bytes("m/f");
    int max = Xattrs.XATTR_SIZE_MAX;
    assertEquals(0, Xattrs.set(work.dir, f, TRUSTED, work.memory, max, 0));
    assertEquals(max, Xattrs.get(work.dir, f, TRUSTED, work.memory, max));
    int e2big = 7;
    assertEquals(-e2big, Xattrs.set(work.dir, f, TRUSTED, work.memory, max + 1, 0));

    assertEquals(0, Xattrs.set(work.dir, f, TRUSTED, new byte[512]));
    assertEquals(-Errno.ERANGE, Xattrs.set(work.dir, f, TRUSTED, new byte[513]));
    assertEquals(512, Xattrs.get(work.dir, f, TRUSTED, 0, 0));

    byte[] longest = bytes("trusted." + "n".repeat(247));
    assertEquals(0, Xattrs.set(work.dir, f, longest, bytes("x")));
    for (int length : new int[] {248, 4080, 4096, 10_000}) {
      byte[] tooLong = bytes("trusted." + "n".repeat(length));
      assertEquals(-Errno.ERANGE, Xattrs.set(work.dir, f, tooLong, bytes("x")), "" + length);
      assertEquals(-Errno.ERANGE, get(work.dir, f, tooLong));
      assertEquals(-Errno.ERANGE, Xattrs.remove(work.dir, f, tooLong));
    }
    assertEquals(-Errno.ERANGE, get(work.dir, f, bytes("")));
    assertEquals(-Errno.EOPNOTSUPP, get(work.dir, f, bytes("nonsense")));
  }

  @Test
  void aWrongDescriptorIsNoOtherOnes() {
    for (int fd : new int[] {-1, Linux.AT_FDCWD, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      assertEquals(-Errno.ENOENT, get(fd, Linux.EMPTY, USER));
      // The error depends on which system calls the kernel has.
      int listed = Xattrs.list(fd, bytes("f"), 0, 0);
      assertTrue(listed == -Errno.ENOENT || listed == -Errno.EBADF, Errno.name(-listed));
    }
  }

  @Test
  void rawNamesOfFilesAndAttributes() {
    must(Linux.close(must(Linux.openat(work.dir, RAW_NAME, OpenFlags.O_CREAT, 0600))));
    byte[] attribute = {'u', 's', 'e', 'r', '.', (byte) 0xfe, (byte) 0xc0};
    assertEquals(0, Xattrs.set(work.dir, RAW_NAME, attribute, bytes("x")));
    assertEquals(attribute.length + 1, Xattrs.list(work.dir, RAW_NAME, work.memory, 100));
    assertEquals(attribute[5], Memory.getByte(work.memory + 5));
  }
}
