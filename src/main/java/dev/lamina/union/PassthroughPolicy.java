package dev.lamina.union;

import dev.lamina.sys.Stat;

/**
 * Which files the kernel may read and write by itself (option {@code passthrough}).
 *
 * <p>A lower file that is read so goes on showing its old data to those who have it open when it is
 * copied up, where overlayfs since Linux 4.19 shows them the new. So on a writable mount that is
 * for files which are replaced, hardly ever edited in place: programs and libraries; and for ones
 * that are too large to be cached twice.
 */
public final class PassthroughPolicy {
  /** What the option can be. */
  public enum Choice {
    AUTO,
    ALL,
    UPPER,
    OFF
  }

  /** Bytes from which a lower file is not cached a second time. */
  private static final long LARGE = 8L << 20;

  private static final int EXECUTE = 0111;

  private final Choice choice;
  private volatile boolean isPossible;
  private volatile boolean isWritable;

  PassthroughPolicy(Choice choice) {
    this.choice = choice;
  }

  /**
   * @param possible the transport has passthrough
   * @param writable something may be copied up
   */
  void init(boolean possible, boolean writable) {
    isPossible = possible && choice != Choice.OFF;
    isWritable = writable;
  }

  /**
   * Whether to offer the files of the upper. That a write takes setuid and setgid away, the kernel
   * tells, see {@link dev.lamina.fuse.SetattrRequest#dropSetid}.
   */
  boolean passesUpper() {
    return isPossible;
  }

  /** Whether to offer a file of a lower layer. */
  boolean passesLower(Stat stat, byte[] name) {
    if (!isPossible || choice == Choice.UPPER) {
      return false;
    }
    boolean isReplaced = (stat.mode & EXECUTE) != 0 || isLibrary(name);
    return !isWritable || choice == Choice.ALL || isReplaced || stat.size >= LARGE;
  }

  /** A name with {@code .so} at its end, or before a dot: libraries are not executable. */
  private static boolean isLibrary(byte[] name) {
    for (int i = name.length - 3; i >= 0; i--) {
      boolean ends = i + 3 == name.length || name[i + 3] == '.';
      if (name[i] == '.' && name[i + 1] == 's' && name[i + 2] == 'o' && ends) {
        return true;
      }
    }
    return false;
  }
}
