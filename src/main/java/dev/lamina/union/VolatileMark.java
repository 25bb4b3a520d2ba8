package dev.lamina.union;

import static dev.lamina.union.UnionSetup.quote;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.MountException;
import dev.lamina.sys.DirectoryReader;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;

/**
 * The mark of a volatile mount, {@code incompat/volatile/dirty} in the scratch directory, where
 * kernel overlayfs has it and looks for it (kernel documentation, filesystems/overlayfs.rst,
 * "Volatile mount"): nothing has seen to it that what the upper holds is on the disk.
 */
final class VolatileMark {
  /** The name in the scratch directory; to remove it, with all below it, takes the mark away. */
  static final byte[] INCOMPAT = "incompat".getBytes(ISO_8859_1);

  private static final byte[] VOLATILE = "volatile".getBytes(ISO_8859_1);
  private static final byte[] DIRTY = "dirty".getBytes(ISO_8859_1);
  private static final int DIRECTORY_FLAGS =
      OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;

  private VolatileMark() {}

  /**
   * Refuses a work directory that was left with the mark, or with that of any other feature that
   * whoever does not know it must keep away from.
   *
   * @param scratch descriptor of the scratch directory
   */
  static void check(UnionConfig config, int scratch) throws MountException {
    int fd = Linux.openat(scratch, INCOMPAT, DIRECTORY_FLAGS, 0);
    if (fd == -Errno.ENOENT || fd == -Errno.ENOTDIR || fd == -Errno.ELOOP) {
      // Nothing of that name, or no directory: scratch that will be cleared away.
      return;
    }
    if (fd < 0) {
      throw UnionSetup.failure("work directory", config.work(), fd);
    }
    try {
      DirectoryReader reader = DirectoryReader.ofThread();
      reader.start(fd);
      int result = reader.next();
      if (result < 0) {
        throw UnionSetup.failure("work directory", config.work(), result);
      }
      if (result > 0) {
        throw refusal(config, new String(reader.name(), ISO_8859_1));
      }
    } finally {
      Linux.close(fd);
    }
  }

  private static MountException refusal(UnionConfig config, String feature) {
    String mark = quote(config.work()) + "/work/incompat/" + feature;
    if (!feature.equals("volatile")) {
      return new MountException(mark + " is there: a feature that Lamina does not know was used");
    }
    return new MountException(
        mark
            + " is there: a volatile mount may have left the upper directory "
            + quote(config.upper())
            + " incomplete; use new upper and work directories, or, if the machine has not crashed"
            + " since, remove the mark");
  }

  /** Leaves the mark; 0 or the negative errno. */
  static int make(int scratch) {
    int result = Linux.mkdirat(scratch, INCOMPAT, 0700);
    if (result < 0) {
      return result;
    }
    int incompat = Linux.openat(scratch, INCOMPAT, DIRECTORY_FLAGS, 0);
    if (incompat < 0) {
      return incompat;
    }
    try {
      result = Linux.mkdirat(incompat, VOLATILE, 0700);
      if (result < 0) {
        return result;
      }
      int mark = Linux.openat(incompat, VOLATILE, DIRECTORY_FLAGS, 0);
      if (mark < 0) {
        return mark;
      }
      try {
        return Linux.mknodat(mark, DIRTY, Mode.S_IFREG | 0600, 0);
      } finally {
        Linux.close(mark);
      }
    } finally {
      Linux.close(incompat);
    }
  }
}
