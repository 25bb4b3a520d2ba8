package dev.lamina.layer;

import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;

/**
 * A directory of one layer. An object in it is named by one path component, and the directory
 * itself by the empty name ({@link Linux#EMPTY}). No method follows a symbolic link. Methods return
 * a value or a negative errno.
 *
 * <p>References are counted: each one from {@link #child} or {@link #retain} has to be given back
 * with {@link #drop}.
 */
public abstract class LayerDirectory {
  /** What is known of the marks in the directory; written through {@link DirectoryMarks} only. */
  volatile byte marks;

  /** Returns the layer that the directory belongs to. */
  public abstract Layer layer();

  /** Reads the attributes that an object has on the layer; returns 0 or the negative errno. */
  public abstract int stat(byte[] name, Stat out);

  /**
   * Reads the statistics of the file system that the layer is on; returns 0 or the negative errno.
   */
  public abstract int statfs(FileSystemStat out);

  /**
   * Returns a reference to a subdirectory, which stat has shown to be one. It is not opened yet.
   * The caller drops the reference.
   */
  public abstract LayerDirectory child(byte[] name);

  /**
   * Visits all entries but {@code .} and {@code ..}, including marks. Only {@link MergedListing}
   * and code that looks for marks call this.
   *
   * @throws ErrnoException if listing fails, or the exception of the visitor
   */
  public abstract void list(EntryVisitor visitor) throws ErrnoException;

  /** Reads a symbolic link as readlink(2) does; returns the length, truncated to {@code size}. */
  public abstract int readlink(byte[] name, long address, int size);

  /** Reads an extended attribute as getxattr(2) does, even one that is a mark. */
  public abstract int getxattr(byte[] name, byte[] attribute, long address, int size);

  /** Lists extended attributes as listxattr(2) does, including those that are marks. */
  public abstract int listxattr(byte[] name, long address, int size);

  /**
   * Opens a regular file for reading.
   *
   * @param out receives the open file, which the caller closes
   * @return 0 or the negative errno
   */
  public abstract int open(byte[] name, LayerFile[] out);

  /** Adds a reference and returns this directory. */
  public abstract LayerDirectory retain();

  /** Gives a reference back. The last one releases what the directory holds. */
  public abstract void drop();

  /** Returns true for a directory of the upper. */
  public boolean isUpper() {
    return false;
  }
}
