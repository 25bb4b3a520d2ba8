package dev.lamina.union.copyup;

import dev.lamina.fuse.LongWork;
import dev.lamina.fuse.Notifier;
import dev.lamina.sys.ErrnoException;
import dev.lamina.union.inode.Dentry;
import dev.lamina.union.inode.Inode;

/**
 * Copies an object that is not a directory to the upper, in whatever thread, and tells the kernel
 * what has changed.
 */
public final class ObjectCopy {
  private final CopyBuilder builder;
  private final CopyPlacement placement;
  private final Metacopy metacopy;
  private volatile Notifier notifier = (nodeid, ino) -> {};

  public ObjectCopy(CopyBuilder builder, CopyPlacement placement, Metacopy metacopy) {
    this.builder = builder;
    this.placement = placement;
    this.metacopy = metacopy;
  }

  /** Sets the notifier that tells the kernel that a copy has attributes of its own. */
  void notifyBy(Notifier kernel) {
    notifier = kernel;
  }

  /**
   * Makes the copy and puts it into place.
   *
   * @param truncation what the copy may leave out; null if all of the data is needed
   */
  void copy(Inode inode, CopySource source, Truncation truncation, LongWork work)
      throws ErrnoException {
    long number = inode.number;
    try {
      if (inode.isUpper()) {
        metacopy.complete(inode, source, work);
      } else {
        placement.place(inode, builder.build(source, truncation, work), truncation, work);
      }
    } finally {
      notifier.attributesChanged(inode.nodeid, inode.number);
    }
    Dentry name = inode.name();
    if (inode.number != number && name != null) {
      notifier.listingChanged(name.parent.nodeid);
    }
  }
}
