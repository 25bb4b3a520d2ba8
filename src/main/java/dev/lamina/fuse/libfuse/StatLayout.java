package dev.lamina.fuse.libfuse;

import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Stat;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/**
 * The C library's {@code struct stat}, {@code struct timespec} and {@code struct statvfs}, whose
 * layout on this architecture jnr-fuse knows. The members of struct stat whose width differs
 * between architectures (st_nlink, st_blksize) are written as their lower half: libfuse passes
 * memory that is zero.
 */
final class StatLayout {
  private static final FileStat STAT = new FileStat(Runtime.getSystemRuntime());
  private static final Statvfs STATVFS = new Statvfs(Runtime.getSystemRuntime());
  private static final Timespec TIMESPEC = new TimespecLayout();

  /** The size of a {@code struct stat} in bytes. */
  static final int SIZE = Struct.size(STAT);

  private static final long DEV = STAT.st_dev.offset();
  private static final long INO = STAT.st_ino.offset();
  private static final long NLINK = STAT.st_nlink.offset();
  private static final long MODE = STAT.st_mode.offset();
  private static final long UID = STAT.st_uid.offset();
  private static final long GID = STAT.st_gid.offset();
  private static final long RDEV = STAT.st_rdev.offset();
  private static final long FILE_SIZE = STAT.st_size.offset();
  private static final long BLKSIZE = STAT.st_blksize.offset();
  private static final long BLOCKS = STAT.st_blocks.offset();
  private static final long TIMES = STAT.st_blocks.offset() + Long.BYTES;

  private static final int TIMESPEC_SIZE = Struct.size(TIMESPEC);
  private static final long SECONDS = TIMESPEC.tv_sec.offset();
  private static final long NANOS = TIMESPEC.tv_nsec.offset();

  /** Gives access to the constructor. */
  private static final class TimespecLayout extends Timespec {
    TimespecLayout() {
      super(Runtime.getSystemRuntime());
    }
  }

  private StatLayout() {}

  /** Writes attributes into a {@code struct stat} that is zero. */
  static void write(long address, Stat stat) {
    Memory.putLong(address + DEV, stat.dev);
    Memory.putInt(address + NLINK, stat.nlink);
    Memory.putInt(address + UID, stat.uid);
    Memory.putInt(address + GID, stat.gid);
    Memory.putLong(address + RDEV, stat.rdev);
    Memory.putLong(address + FILE_SIZE, stat.size);
    Memory.putInt(address + BLKSIZE, stat.blockSize);
    Memory.putLong(address + BLOCKS, stat.blocks);
    writeTime(address + TIMES, stat.atimeSeconds, stat.atimeNanos);
    writeTime(address + TIMES + TIMESPEC_SIZE, stat.mtimeSeconds, stat.mtimeNanos);
    writeTime(address + TIMES + 2L * TIMESPEC_SIZE, stat.ctimeSeconds, stat.ctimeNanos);
    writeIdentity(address, stat.ino, stat.mode);
  }

  /** Writes the members of a {@code struct stat} that a directory entry needs. */
  static void writeIdentity(long address, long ino, int mode) {
    Memory.putLong(address + INO, ino);
    Memory.putInt(address + MODE, mode);
  }

  /** Returns the seconds of the {@code index}-th {@code struct timespec} of an array. */
  static long seconds(long times, int index) {
    return Memory.getLong(times + (long) index * TIMESPEC_SIZE + SECONDS);
  }

  /**
   * Returns the nanoseconds, or UTIME_NOW or UTIME_OMIT, of the {@code index}-th {@code struct
   * timespec}.
   */
  static int nanos(long times, int index) {
    return (int) Memory.getLong(times + (long) index * TIMESPEC_SIZE + NANOS);
  }

  /** Writes the members of a {@code struct statvfs} that libfuse passes on. */
  static void write(long address, FileSystemStat stat) {
    Memory.putLong(address + STATVFS.f_bsize.offset(), stat.blockSize);
    Memory.putLong(address + STATVFS.f_frsize.offset(), stat.fragmentSize);
    Memory.putLong(address + STATVFS.f_blocks.offset(), stat.blocks);
    Memory.putLong(address + STATVFS.f_bfree.offset(), stat.blocksFree);
    Memory.putLong(address + STATVFS.f_bavail.offset(), stat.blocksAvailable);
    Memory.putLong(address + STATVFS.f_files.offset(), stat.files);
    Memory.putLong(address + STATVFS.f_ffree.offset(), stat.filesFree);
    Memory.putLong(address + STATVFS.f_namemax.offset(), stat.nameLength);
  }

  private static void writeTime(long address, long seconds, int nanos) {
    Memory.putLong(address + SECONDS, seconds);
    Memory.putLong(address + NANOS, nanos);
  }
}
