package dev.lamina.union.upper;

import dev.lamina.layer.LayerDirectory;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;
import java.util.ArrayList;
import java.util.List;

/**
 * The upper and the work directory, which may lie within a lower layer ({@code lowerdir=/} for
 * example). If they were shown there, their contents would appear twice and change unexpectedly.
 * Kernel overlayfs answers ELOOP for them (ovl_lookup_trap_inode), and so does this class.
 */
public final class Traps {
  private record Trap(long device, long ino) {}

  private final List<Trap> traps = new ArrayList<>();

  /** Adds the directory with these attributes, which no layer may show from then on. */
  void add(Stat directory) {
    traps.add(new Trap(directory.dev, directory.ino));
  }

  /**
   * Checks the real directories that make up a merged one.
   *
   * @param top the attributes of the first of them
   * @throws ErrnoException ELOOP if one of them is the upper or the work directory
   */
  public void check(LayerDirectory[] contributors, Stat top) throws ErrnoException {
    if (traps.isEmpty()) {
      return;
    }
    check(top);
    if (contributors.length > 1) {
      Stat stat = new Stat();
      for (int i = 1; i < contributors.length; i++) {
        ErrnoException.check(contributors[i].stat(Linux.EMPTY, stat));
        check(stat);
      }
    }
  }

  private void check(Stat stat) throws ErrnoException {
    for (Trap trap : traps) {
      if (trap.ino == stat.ino && trap.device == stat.dev) {
        throw ErrnoException.of(Errno.ELOOP);
      }
    }
  }
}
