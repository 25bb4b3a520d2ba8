package dev.lamina.union.change;

import dev.lamina.fuse.RequestContext;
import dev.lamina.layer.FdDirectory;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.union.copyup.CopyUp;
import dev.lamina.union.data.OpenFiles;
import dev.lamina.union.inode.Inode;
import dev.lamina.union.inode.InodeNumbers;
import dev.lamina.union.inode.InodeTable;
import dev.lamina.union.inode.Protection;

/** Creates regular files that have no name (O_TMPFILE of open(2)). */
public final class UnnamedFiles {
  private static final byte[] DOT = {'.'};

  private final InodeTable table;
  private final InodeNumbers numbers;
  private final Protection protection;
  private final CopyUp copyUp;

  public UnnamedFiles(
      InodeTable table, InodeNumbers numbers, Protection protection, CopyUp copyUp) {
    this.table = table;
    this.numbers = numbers;
    this.protection = protection;
    this.copyUp = copyUp;
  }

  /**
   * Creates and opens a file in a directory.
   *
   * @return the inode, and the open descriptor, which the caller closes
   */
  CreatedObject create(RequestContext context, Inode parent, int mode, int flags, Stat stat)
      throws ErrnoException {
    protection.checkAddition(parent);
    copyUp.directory(parent);
    synchronized (parent) {
      Obstacle.checkExists(parent);
      FdDirectory upper = parent.upperDirectory();
      int dirfd = ErrnoException.check(upper.acquire());
      try {
        int masked = mode & Mode.PERMISSIONS & ~DefaultAcl.umask(parent, context.umask);
        int openFlags = OpenFiles.upperFlags(flags) & ~OpenFlags.O_TRUNC | OpenFlags.O_TMPFILE;
        int fd =
            ErrnoException.check(
                Credentials.as(context, () -> Linux.openat(dirfd, DOT, openFlags, masked)));
        int object = Linux.fstat(fd, stat);
        if (object == 0) {
          object = Linux.fcntl(fd, Linux.F_DUPFD_CLOEXEC, 0);
        }
        if (object < 0) {
          Linux.close(fd);
          throw ErrnoException.of(-object);
        }
        Inode inode = Inode.unnamed(table.newNodeid(), upper.detached(object));
        inode.number = numbers.number(stat.dev, stat.ino);
        table.addUnnamed(inode);
        return new CreatedObject(inode, fd);
      } finally {
        upper.release();
      }
    }
  }
}
