package dev.lamina.layer;

import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Stat;

/**
 * A directory of one layer. An object in it is named by one component, and the directory itself by
 * the empty name ({@link Linux#EMPTY}); no call follows a symbolic link. Calls return a value or a
 * negative errno.
 *
 * <p>References are counted: whoever gets one from {@link #child} or {@link #retain} gives it back
 * with {@link #drop}.
 */
public abstract class LayerDirectory {
  /** What is known of its marks; see {@link DirectoryMarks}, through which alone it is written. */
  volatile byte marks;

  /** The layer it belongs to. */
  public abstract Layer layer();

  /** Attributes as the layer has them. */
  public abstract int stat(byte[] name, Stat out);

  /** Of the file system that the layer lies on; 0 or the negative errno. */
  public abstract int statfs(FileSystemStat out);

  /**
   * A subdirectory, known by stat to be one; nothing is opened yet. The reference is the caller's.
   */
  public abstract LayerDirectory child(byte[] name);

  /**
   * Visits all entries but {@code .} and {@code ..}, marks included, for {@link MergedListing} and
   * what looks for marks.
   *
   * @throws ErrnoException with the errno of what failed, or of the visitor
   */
  public abstract void list(EntryVisitor visitor) throws ErrnoException;

  /** As readlink(2): the length, cut off at {@code size}. */
  public abstract int readlink(byte[] name, long address, int size);

  /** As getxattr(2), private marks included. */
  public abstract int getxattr(byte[] name, byte[] attribute, long address, int size);

  /** As listxattr(2), private marks included. */
  public abstract int listxattr(byte[] name, long address, int size);

  /**
   * Opens a regular file for reading.
   *
   * @param out gets the open file, which is then the caller's to close
   * @return 0 or the negative errno
   */
  public abstract int open(byte[] name, LayerFile[] out);

  /** One more reference; this. */
  public abstract LayerDirectory retain();

  /** Gives a reference back; the last one frees what the directory holds. */
  public abstract void drop();

  /** True for a directory of the writable layer. */
  public boolean isUpper() {
    return false;
  }
}
