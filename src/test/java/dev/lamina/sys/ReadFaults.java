package dev.lamina.sys;

import java.util.Map;
import java.util.Optional;

/**
 * Makes one of the calling thread's system calls that read fail, or counts them. These read
 * attributes, extended attributes, entries, targets of links and contents, or open existing
 * objects.
 */
public final class ReadFaults implements AutoCloseable {
  private static final long CREATES =
      OpenFlags.O_CREAT | OpenFlags.O_TMPFILE & ~OpenFlags.O_DIRECTORY;

  private static final Map<Integer, String> READS =
      Map.ofEntries(
          Map.entry(SystemCall.STATX, "statx"),
          Map.entry(SystemCall.FSTATFS, "fstatfs"),
          Map.entry(SystemCall.GETXATTR, "getxattr"),
          Map.entry(SystemCall.LGETXATTR, "lgetxattr"),
          Map.entry(SystemCall.GETXATTRAT, "getxattrat"),
          Map.entry(SystemCall.LISTXATTR, "listxattr"),
          Map.entry(SystemCall.LLISTXATTR, "llistxattr"),
          Map.entry(SystemCall.LISTXATTRAT, "listxattrat"),
          Map.entry(SystemCall.GETDENTS64, "getdents64"),
          Map.entry(SystemCall.READLINKAT, "readlinkat"),
          Map.entry(SystemCall.OPENAT, "openat"),
          Map.entry(SystemCall.OPENAT2, "openat2"),
          Map.entry(SystemCall.READ, "read"),
          Map.entry(SystemCall.PREAD64, "pread64"),
          Map.entry(SystemCall.COPY_FILE_RANGE, "copy_file_range"),
          Map.entry(SystemCall.LSEEK, "lseek"),
          Map.entry(SystemCall.IOCTL, "ioctl"));

  private final int failing;
  private final int errno;
  private int calls;
  private String failed;

  private ReadFaults(int failing, int errno) {
    this.failing = failing;
    this.errno = errno;
    Faults.install(this::before);
  }

  /** Lets all calls succeed. */
  public static ReadFaults none() {
    return new ReadFaults(0, 0);
  }

  /**
   * Makes one call fail once.
   *
   * @param number the number of the call among those that read, counted from 1
   */
  public static ReadFaults of(int number, int errno) {
    return new ReadFaults(number, errno);
  }

  private long before(int number, long flags) {
    String name = READS.get(number);
    boolean creates = number == SystemCall.OPENAT && (flags & CREATES) != 0;
    if (name == null || creates || ++calls != failing) {
      return 0;
    }
    failed = name;
    return -errno;
  }

  /** Returns the number of calls until now that read. */
  public int calls() {
    return calls;
  }

  /** Returns the name of the call that failed. */
  public Optional<String> failed() {
    return Optional.ofNullable(failed);
  }

  @Override
  public void close() {
    Faults.install(null);
  }
}
