package dev.lamina.fuse;

import dev.lamina.sys.ErrnoException;

/**
 * What a transport does for a file system, by any thread. Above all it tells the kernel that
 * something it may have cached is no longer true, also in the middle of a request. Called without
 * locks held.
 */
public interface Notifier {
  /**
   * An object's attributes have changed as a side effect of a request about another one: the kernel
   * asks for them again. What is not known to the kernel is passed over.
   *
   * @param ino the number that users see, {@code ino} of its attributes
   */
  void attributesChanged(long nodeid, long ino);

  /**
   * What a directory's listing says of its entries, an inode number, has changed although its names
   * have not: the kernel lists it again. Never called by who answers READDIR.
   */
  default void listingChanged(long nodeid) {
    // A transport whose kernel side caches no listings has nothing to do.
  }

  /** Whether {@link #contents} does anything. */
  default boolean takesContents() {
    return false;
  }

  /**
   * Hands a file's contents over, all of them, so that the kernel need not ask. In the midst of the
   * first OPEN of the file, while its contents cannot change.
   *
   * @param address of its first byte
   */
  default void contents(long nodeid, long address, int size) {
    // They will be asked for.
  }

  /**
   * A name leads to another object from now on: the kernel looks it up again. It does so some time
   * soon, not before this returns.
   *
   * @param done called, by any thread, when the kernel has been told; not at all where it cannot be
   */
  default void nameChanged(long parent, byte[] name, Runnable done) {
    done.run();
  }

  /**
   * Waits for work that the request at hand needs, of which it has changed nothing yet. Returns
   * when it is worth to look again.
   *
   * @throws DeferredException where the transport does not wait in this thread: it runs the request again
   * @throws ErrnoException with what the work has failed with, or EINTR for a caller that is being
   *     killed
   */
  default void await(LongWork work) throws ErrnoException {
    ErrnoException.check(-work.await(() -> false));
  }
}
