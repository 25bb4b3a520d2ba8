package dev.lamina.union.upper;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.MountException;
import dev.lamina.sys.DirectoryReader;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;

/**
 * The mark of a volatile mount, {@code incompat/volatile/dirty} in the scratch directory, where
 * kernel overlayfs puts it and looks for it (kernel documentation, filesystems/overlayfs.rst,
 * "Volatile mount"). It says that the contents of the upper may not have reached the disk.
 */
final class VolatileMark {
  /** The name in the scratch directory; removing it with everything below it removes the mark. */
  static final byte[] INCOMPAT = "incompat".getBytes(ISO_8859_1);

  private static final byte[] VOLATILE = "volatile".getBytes(ISO_8859_1);
  private static final byte[] DIRTY = "dirty".getBytes(ISO_8859_1);
  private static final int DIRECTORY_FLAGS =
      OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;

  private VolatileMark() {}

  /**
   * Refuses a work directory that has the mark, or the mark of any other feature: an implementation
   * that does not know a feature named under {@code incompat} must not use the directory.
   *
   * @param scratch a descriptor of the scratch directory
   */
  static void check(SetupDirectory upper, SetupDirectory work, int scratch) throws MountException {
    int fd = Linux.openat(scratch, INCOMPAT, DIRECTORY_FLAGS, 0);
    if (fd == -Errno.ENOENT || fd == -Errno.ENOTDIR || fd == -Errno.ELOOP) {
      // Nothing has the name, or something other than a directory, which will be removed with the
      // rest of the scratch directory.
      return;
    }
    work.check(fd);
    try {
      DirectoryReader reader = DirectoryReader.ofThread();
      reader.start(fd);
      int result = reader.next();
      work.check(result);
      if (result > 0) {
        throw refusal(upper, work, new String(reader.name(), ISO_8859_1));
      }
    } finally {
      Linux.close(fd);
    }
  }

  private static MountException refusal(SetupDirectory upper, SetupDirectory work, String feature) {
    String mark = work.quotedPath() + "/work/incompat/" + feature;
    if (!feature.equals("volatile")) {
      return new MountException(
          mark
              + " exists: the directories were used with a feature that Lamina does not support;"
              + " use new upper and work directories");
    }
    return new MountException(
        mark
            + " exists: a volatile mount that did not end cleanly may have left the upper directory "
            + upper.quotedPath()
            + " incomplete; use new upper and work directories or, if the machine has not crashed"
            + " since, remove the mark");
  }

  /** Creates the mark; returns 0 or the negative errno. */
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
