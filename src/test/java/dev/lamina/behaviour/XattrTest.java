package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.bytes;
import static dev.lamina.testing.Tree.ok;
import static dev.lamina.testing.Tree.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Xattrs;
import dev.lamina.testing.Tree;
import java.nio.ByteBuffer;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Extended attributes, of lower objects and of upper ones. */
class XattrTest extends SharedMountTest {
  @Override
  void fill(Union layers) {
    Tree lower = layers.lower();
    for (String name : new String[] {"read", "set", "removed", "flags"}) {
      lower.write(name + "/file", "contents");
      ok(lower.setxattr(name + "/file", "user.a", "lower a"));
      ok(lower.setxattr(name + "/file", "trusted.b", "lower b"));
    }
    ok(lower.setxattr("read", "user.directory", "yes"));
    lower.write("absent/lower", "contents");
    lower.write("symlink/file", "contents");
    ok(lower.symlink("file", "symlink/link"));
    ok(lower.setxattr("symlink/link", "trusted.of-link", "yes"));
  }

  @Test
  void lowerAttributesShow() {
    assertEquals(Map.of("user.a", "lower a", "trusted.b", "lower b"), merged.xattrs("read/file"));
    assertEquals(Map.of("user.directory", "yes"), merged.xattrs("read"));
    refused(Errno.ENODATA, merged.getxattr("read/file", "user.none"));
  }

  @Test
  void settingOneKeepsTheOthers() {
    ok(merged.setxattr("set/file", "user.new", "\0\1\377"));
    ok(merged.setxattr("set/file", "user.a", ""));
    Map<String, String> expected =
        Map.of("user.a", "", "trusted.b", "lower b", "user.new", "\0\1\377");
    assertEquals(expected, merged.xattrs("set/file"));
    merged.append("set/file", "!");
    assertEquals(expected, merged.xattrs("set/file"));
  }

  /** What was not there when it was asked for is when it has been set. */
  @Test
  void absenceIsNotRememberedTooLong() {
    // Capabilities of no kind, revision 2 (linux/capability.h), and an ACL with an entry for user
    // 1.
    String capability = "\0\0\0\2" + "\0".repeat(16);
    String none = "\377\377\377\377";
    String acl =
        "\2\0\0\0"
            + ("\1\0\6\0" + none)
            + "\2\0\4\0\1\0\0\0"
            + ("\4\0\4\0" + none)
            + ("\20\0\4\0" + none)
            + ("\40\0\4\0" + none);
    Map<String, String> values =
        Map.of(
            "security.capability",
            capability,
            "security.selinux",
            "label",
            "system.posix_acl_access",
            acl);
    merged.write("absent/new", "contents");
    for (String file : new String[] {"absent/new", "absent/lower"}) {
      values.forEach(
          (name, value) -> {
            refused(Errno.ENODATA, merged.getxattr(file, name));
            refused(Errno.ENODATA, merged.getxattr(file, name));
            ok(merged.setxattr(file, name, value));
            assertEquals(bytes(value).length, ok(merged.getxattr(file, name)));
          });
      merged.append(file, "!");
      // Who may have changed it gets no rights.
      refused(Errno.ENODATA, merged.getxattr(file, "security.capability"));
      ok(merged.setxattr(file, "security.capability", capability));
      assertEquals(20, ok(merged.getxattr(file, "security.capability")));
      ok(merged.removexattr(file, "security.selinux"));
      refused(Errno.ENODATA, merged.getxattr(file, "security.selinux"));
    }
  }

  @Test
  void removedLowerAttributeStaysRemoved() {
    ok(merged.removexattr("removed/file", "user.a"));
    refused(Errno.ENODATA, merged.removexattr("removed/file", "user.a"));
    assertEquals(Map.of("trusted.b", "lower b"), merged.xattrs("removed/file"));
    assertNull(merged.xattr("removed/file", "user.a"));
  }

  @Test
  void createAndReplaceFlags() {
    byte[] value = bytes("new");
    refused(Errno.EEXIST, merged.setxattr("flags/file", "user.a", value, Xattrs.XATTR_CREATE));
    refused(Errno.ENODATA, merged.setxattr("flags/file", "user.none", value, Xattrs.XATTR_REPLACE));
    ok(merged.setxattr("flags/file", "user.a", value, Xattrs.XATTR_REPLACE));
    ok(merged.setxattr("flags/file", "user.c", value, Xattrs.XATTR_CREATE));
    assertEquals("new", merged.xattr("flags/file", "user.a"));
    assertEquals("new", merged.xattr("flags/file", "user.c"));
  }

  @Test
  void largeValuesAndShortBuffers() {
    merged.write("large/file", "");
    String value = "v".repeat(2000);
    ok(merged.setxattr("large/file", "user.large", value));
    assertEquals(value, merged.xattr("large/file", "user.large"));
    assertEquals(2000, merged.getxattr("large/file", "user.large"));
    int fd = ok(merged.open("large/file", OpenFlags.O_RDONLY));
    ByteBuffer memory = ByteBuffer.allocateDirect(16);
    long address = Memory.address(memory);
    refused(Errno.ERANGE, Xattrs.get(fd, Linux.EMPTY, bytes("user.large"), address, 16));
    refused(Errno.ERANGE, Xattrs.list(fd, Linux.EMPTY, address, 5));
    assertEquals(11, Xattrs.list(fd, Linux.EMPTY, 0, 0));
    ok(Linux.close(fd));
  }

  @Test
  void manyAttributes() {
    merged.write("many/file", "");
    for (int i = 0; i < 50; i++) {
      ok(merged.setxattr("many/file", "user.number" + i, "" + i));
    }
    Map<String, String> all = merged.xattrs("many/file");
    assertEquals(50, all.size());
    assertEquals("49", all.get("user.number49"));
  }

  @Test
  void attributesOfSymlinkAreItsOwn() {
    assertEquals(Map.of("trusted.of-link", "yes"), merged.xattrs("symlink/link"));
    refused(Errno.EPERM, merged.setxattr("symlink/link", "user.a", "x"));
    ok(merged.setxattr("symlink/link", "trusted.new", "x"));
    assertTrue(merged.xattrs("symlink/link").containsKey("trusted.new"));
    assertEquals(Map.of(), merged.xattrs("symlink/file"));
  }

  @Test
  void unknownNamespaceIsNotSupported() {
    merged.write("unknown/file", "");
    refused(Errno.EOPNOTSUPP, merged.setxattr("unknown/file", "nonsense.a", "x"));
  }
}
