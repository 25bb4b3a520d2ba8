package dev.lamina.union;

import dev.lamina.fuse.RequestContext;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;

/**
 * When setuid and setgid go, as the kernel has it (setattr_should_drop_suidgid and
 * setattr_should_drop_sgid in fs/attr.c, Linux 6.2): the one place for it.
 */
final class Setid {
  private static final int S_IXGRP = 010;

  private Setid() {}

  /**
   * The permission bits after a change of contents, or of the owner, by somebody ordinary; or the
   * negative errno where it cannot be told who that is.
   */
  static int without(Stat stat, RequestContext context) {
    try {
      return withoutSetgid(stat, context) & ~Mode.S_ISUID;
    } catch (ErrnoException e) {
      return -e.errno();
    }
  }

  /**
   * The same of a write that the kernel hands over, before which it has asked by itself for what
   * depends on groups ({@link dev.lamina.fuse.SetattrRequest#dropSetid}). No group is looked up, as
   * there may be many writes.
   */
  static int withoutAtWrite(Stat stat) {
    int mode = stat.mode & Mode.PERMISSIONS & ~Mode.S_ISUID;
    return (mode & S_IXGRP) != 0 ? mode & ~Mode.S_ISGID : mode;
  }

  /**
   * The permission bits without setgid; for members of the group it stays where the group may not
   * execute the file: then it is no setgid (mandatory locking, once).
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
