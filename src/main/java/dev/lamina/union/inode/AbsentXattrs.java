package dev.lamina.union.inode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.union.upper.XattrPolicy;
import java.util.Arrays;

/**
 * Remembers which of the most requested extended attributes an inode does not have: the kernel asks
 * for capabilities whenever a file is written to, and ls(1) for the others. All methods need the
 * inode's monitor. Nothing is remembered while another inode shows the same object, since
 * attributes may be set through that one.
 */
public final class AbsentXattrs {
  private static final byte[][] NAMES = {
    XattrPolicy.CAPABILITY,
    "security.selinux".getBytes(ISO_8859_1),
    XattrPolicy.ACCESS_ACL,
    XattrPolicy.DEFAULT_ACL
  };

  private static final byte CAPABILITY = 1;

  private AbsentXattrs() {}

  /** Returns the bit of an attribute; 0 for one that is not remembered. */
  private static byte bit(byte[] name) {
    for (int i = 0; i < NAMES.length; i++) {
      if (Arrays.equals(NAMES[i], name)) {
        return (byte) (1 << i);
      }
    }
    return 0;
  }

  /** Returns whether the inode is known not to have an attribute. */
  public static boolean has(Inode inode, byte[] name) {
    return inode.absentXattrs != 0 && !inode.hasTwin() && (inode.absentXattrs & bit(name)) != 0;
  }

  /** Remembers that the layer does not have an attribute. */
  static void add(Inode inode, byte[] name) {
    if (!inode.hasTwin()) {
      inode.absentXattrs |= bit(name);
    }
  }

  /** Remembers that a new file has no capabilities: they are not inherited. */
  public static void ofNew(Inode inode) {
    inode.absentXattrs = CAPABILITY;
  }

  /** Forgets everything, since an attribute is about to be set. */
  public static void clear(Inode inode) {
    inode.absentXattrs = 0;
  }
}
