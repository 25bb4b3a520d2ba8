package dev.lamina.union;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;

/**
 * Which of the extended attributes that are asked for again and again an inode is known not to
 * have: the kernel asks for capabilities whenever a file is written to, ls(1) for the others. Under
 * the inode's monitor. Nothing is known while another inode shows the same object, through which it
 * may get them.
 */
final class AbsentXattrs {
  private static final byte[][] NAMES = {
    XattrPolicy.CAPABILITY,
    "security.selinux".getBytes(ISO_8859_1),
    XattrPolicy.ACCESS_ACL,
    XattrPolicy.DEFAULT_ACL
  };

  private static final byte CAPABILITY = 1;

  private AbsentXattrs() {}

  /** The bit of an attribute; 0 for one that is not remembered. */
  private static byte bit(byte[] name) {
    for (int i = 0; i < NAMES.length; i++) {
      if (Arrays.equals(NAMES[i], name)) {
        return (byte) (1 << i);
      }
    }
    return 0;
  }

  static boolean has(Inode inode, byte[] name) {
    return inode.absentXattrs != 0 && !inode.hasTwin() && (inode.absentXattrs & bit(name)) != 0;
  }

  /** The layer has said so. */
  static void add(Inode inode, byte[] name) {
    if (!inode.hasTwin()) {
      inode.absentXattrs |= bit(name);
    }
  }

  /** A new file, which inherits no capabilities. */
  static void ofNew(Inode inode) {
    inode.absentXattrs = CAPABILITY;
  }

  /** An attribute is about to be set. */
  static void clear(Inode inode) {
    inode.absentXattrs = 0;
  }
}
