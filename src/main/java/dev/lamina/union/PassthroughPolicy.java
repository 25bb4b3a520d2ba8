package dev.lamina.union;

import dev.lamina.layer.LayerFile;
import dev.lamina.sys.Memory;

/**
 * Which files the kernel may read and write by itself (option {@code passthrough}).
 *
 * <p>A lower file that is read so goes on showing its old data to those who have it open when it is
 * copied up, where overlayfs since Linux 4.19 shows them the new, and a lock taken on it is not
 * seen by who opens the copy. So on a writable mount that is for files which nobody edits or locks
 * in place: programs and libraries. What is one, its first bytes say; names, sizes and the right to
 * execute do not (scripts, databases, logs).
 */
public final class PassthroughPolicy {
  /** What the option can be. */
  public enum Choice {
    AUTO,
    ALL,
    UPPER,
    OFF
  }

  /** What a program or library begins with, {@code \x7fELF} (elf(5)). */
  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

  private final Choice choice;
  private final int backingDepth;
  private volatile boolean isPossible;
  private volatile boolean isWritable;

  /**
   * @param backingDepth see {@link dev.lamina.fuse.FuseFileSystem#backingDepth}
   */
  PassthroughPolicy(Choice choice, int backingDepth) {
    this.choice = choice;
    this.backingDepth = backingDepth;
  }

  /**
   * @param possible the transport has passthrough
   * @param writable something may be copied up
   */
  void init(boolean possible, boolean writable) {
    isPossible = possible && backingDepth > 0;
    isWritable = writable;
  }

  /** See {@link dev.lamina.fuse.FuseFileSystem#backingDepth}. */
  int backingDepth() {
    return backingDepth;
  }

  /**
   * Whether to offer the files of the upper. That a write takes setuid and setgid away, the kernel
   * tells, see {@link dev.lamina.fuse.SetattrRequest#dropSetid}.
   */
  boolean passesUpper() {
    return isPossible;
  }

  /**
   * Whether to offer a file of a lower layer. Under the inode's monitor.
   *
   * @param file the inode's data, open
   */
  boolean passesLower(Inode inode, LayerFile file) {
    if (!isPossible || choice == Choice.UPPER) {
      return false;
    }
    return !isWritable || choice == Choice.ALL || isProgram(inode, file);
  }

  /** Looks once. What cannot be read is not passed through, and looked at again the next time. */
  private static boolean isProgram(Inode inode, LayerFile file) {
    if (inode.program == Inode.UNKNOWN) {
      long address = Buffers.ofThread().value();
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
