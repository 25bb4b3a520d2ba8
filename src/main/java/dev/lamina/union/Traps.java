package dev.lamina.union;

import dev.lamina.layer.LayerDirectory;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;
import java.util.ArrayList;
import java.util.List;

/**
 * The upper and the work directory, which a lower layer may hold, {@code lowerdir=/} say. Found
 * there they would be shown twice, and changed behind the mount's back; kernel overlayfs answers
 * ELOOP for them (ovl_lookup_trap_inode), and so does this.
 */
final class Traps {
  private record Trap(long device, long ino) {}

  private final List<Trap> traps = new ArrayList<>();

  /** No layer may show the directory that has these attributes. */
  void add(Stat directory) {
    traps.add(new Trap(directory.dev, directory.ino));
  }

  /**
   * @param top attributes of the first
   * @throws ErrnoException ELOOP where one of the real directories that make up one is a trap
   */
  void check(LayerDirectory[] contributors, Stat top) throws ErrnoException {
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
