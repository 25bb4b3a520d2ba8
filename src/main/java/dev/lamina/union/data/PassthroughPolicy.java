package dev.lamina.union.data;

import dev.lamina.layer.LayerFile;
import dev.lamina.sys.Memory;
import dev.lamina.sys.ThreadBuffers;
import dev.lamina.union.inode.Inode;

/**
 * Decides which files the kernel may read and write by itself (option {@code passthrough}).
 *
 * <p>If a lower file that is passed through is copied up, processes that have it open continue to
 * see the old data, where overlayfs since Linux 4.19 shows them the new data. Likewise, a lock on
 * it does not affect processes that open the copy. On a writable mount, passthrough is therefore
 * limited to files that are not edited or locked in place: programs and libraries. They are
 * recognized by their first bytes; names, sizes and execute permission would also fit scripts,
 * databases and logs.
 */
public final class PassthroughPolicy {
  /** The values of the option. */
  public enum Choice {
    AUTO,
    ALL,
    UPPER,
    OFF
  }

  /** The first bytes of a program or library, {@code \x7fELF} (elf(5)). */
  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

  private final Choice choice;
  private final int backingDepth;
  private volatile boolean isPossible;
  private volatile boolean isWritable;

  /**
   * @param backingDepth see {@link dev.lamina.fuse.FuseFileSystem#backingDepth}
   */
  public PassthroughPolicy(Choice choice, int backingDepth) {
    this.choice = choice;
    this.backingDepth = backingDepth;
  }

  /**
   * Sets what is known only when the mount begins to serve.
   *
   * @param possible whether the transport supports passthrough
   * @param writable whether files may be copied up
   */
  public void init(boolean possible, boolean writable) {
    isPossible = possible && backingDepth > 0;
    isWritable = writable;
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#backingDepth}. */
  public int backingDepth() {
    return backingDepth;
  }

  /**
   * Returns whether files of the upper may be passed through. If a write clears setuid and setgid,
   * the kernel says so, see {@link dev.lamina.fuse.SetattrRequest#dropSetid}.
   */
  boolean passesUpper() {
    return isPossible;
  }

  /**
   * Returns whether a file of a lower layer may be passed through. Needs the inode's monitor.
   *
   * @param file the inode's data, open
   */
  boolean passesLower(Inode inode, LayerFile file) {
    if (!isPossible || choice == Choice.UPPER) {
      return false;
    }
    return !isWritable || choice == Choice.ALL || isProgram(inode, file);
  }

  /**
   * Returns whether a file is a program or library. It is looked at just once, unless it cannot be
   * read: then it is not passed through, and looked at again the next time.
   */
  private static boolean isProgram(Inode inode, LayerFile file) {
    if (inode.program == Inode.UNKNOWN) {
      long address = ThreadBuffers.ofThread().value();
      int length = file.read(address, ELF.length, 0);
      if (length < 0) {
        return false;
      }
      inode.program = length == ELF.length && beginsWithElf(address) ? Inode.YES : Inode.NO;
    }
    return inode.program == Inode.YES;
  }

  private static boolean beginsWithElf(long address) {
    for (int i = 0; i < ELF.length; i++) {
      if (Memory.getByte(address + i) != ELF[i]) {
        return false;
      }
    }
    return true;
  }
}
