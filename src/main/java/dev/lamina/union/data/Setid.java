package dev.lamina.union.data;

import dev.lamina.fuse.RequestContext;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;

/**
 * Decides when setuid and setgid bits are cleared, by the kernel's rules
 * (setattr_should_drop_suidgid and setattr_should_drop_sgid in fs/attr.c, Linux 6.2).
 */
public final class Setid {
  private static final int S_IXGRP = 010;

  private Setid() {}

  /**
   * Returns the permission bits after an ordinary user has changed a file's contents or owner; or
   * the negative errno if the user's groups cannot be read.
   */
  public static int without(Stat stat, RequestContext context) {
    try {
      return withoutSetgid(stat, context) & ~Mode.S_ISUID;
    } catch (ErrnoException e) {
      return -e.errno();
    }
  }

  /**
   * Returns the permission bits after a WRITE request. Before it, the kernel has sent a request of
   * its own for the bits that depend on groups ({@link dev.lamina.fuse.SetattrRequest#dropSetid}),
   * so no group is looked up here: there may be many writes.
   */
  static int withoutAtWrite(Stat stat) {
    int mode = stat.mode & Mode.PERMISSIONS & ~Mode.S_ISUID;
    return (mode & S_IXGRP) != 0 ? mode & ~Mode.S_ISGID : mode;
  }

  /**
   * Returns the permission bits without setgid. If the group may not execute the file, the bit does
   * not mean setgid (it once meant mandatory locking), and stays if the caller is in the group.
   */
  private static int withoutSetgid(Stat stat, RequestContext context) throws ErrnoException {
    int mode = stat.mode & Mode.PERMISSIONS;
    if ((mode & Mode.S_ISGID) == 0) {
      return mode;
    }
    boolean goes = (mode & S_IXGRP) != 0 || !CallerStatus.isInGroup(context, stat.gid);
    return goes ? mode & ~Mode.S_ISGID : mode;
  }
}
