package dev.lamina.union;

import dev.lamina.layer.LayerDirectory;
import dev.lamina.sys.Errno;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;
import java.util.ArrayList;
import java.util.List;

/**
 * The upper and the work directory where they lie within a lower layer, {@code lowerdir=/} say.
 * Found there they would be shown twice, and changed behind the mount's back; kernel overlayfs
 * answers ELOOP for them (ovl_lookup_trap_inode), and so does this.
 */
final class Traps {
  private record Trap(long device, long ino) {}

  private final List<Trap> traps = new ArrayList<>();

  /** No layer may show this directory, by its descriptor, which stays the caller's. */
  void add(int fd) throws ErrnoException {
    Stat stat = new Stat();
    ErrnoException.check(Linux.fstat(fd, stat));
    traps.add(new Trap(stat.dev, stat.ino));
  }

  /**
   * @throws ErrnoException ELOOP where one of the real directories that make up one is a trap
   */
  void check(LayerDirectory[] contributors) throws ErrnoException {
    if (traps.isEmpty()) {
      return;
    }
    Stat stat = new Stat();
    for (LayerDirectory directory : contributors) {
      ErrnoException.check(directory.stat(Linux.EMPTY, stat));
      if (traps.contains(new Trap(stat.dev, stat.ino))) {
        throw ErrnoException.of(Errno.ELOOP);
      }
    }
  }
}
