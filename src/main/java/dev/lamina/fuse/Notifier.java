package dev.lamina.fuse;

import dev.lamina.sys.ErrnoException;

/**
 * The services of a transport to a file system. Above all, it tells the kernel that something in
 * its caches is no longer true, even in the middle of a request. Any thread may call it, but
 * without holding locks.
 */
public interface Notifier {
  /**
   * Invalidates the attributes of an object, which have changed as a side effect of a request about
   * another one. An object that the kernel does not know is ignored.
   *
   * @param ino the inode number that users see, {@code ino} of the object's attributes
   */
  void attributesChanged(long nodeid, long ino);

  /**
   * Invalidates the cached listing of a directory in which an inode number, but no name, has
   * changed. Must not be called while READDIR of the directory is answered.
   */
  default void listingChanged(long nodeid) {
    // Nothing is to be done by a transport for which the kernel caches no listings.
  }

  /** Returns whether {@link #contents} has an effect. */
  default boolean takesContents() {
    return false;
  }

  /**
   * Passes the whole contents of a file to the kernel's page cache, so that the kernel need not
   * read them. Called during the first OPEN of the file, while its contents cannot change.
   *
   * @param address the address of the first byte
   */
  default void contents(long nodeid, long address, int size) {
    // The kernel will read them.
  }

  /**
   * Invalidates a name that leads to another object from now on. The kernel is told soon, but
   * perhaps after this method has returned.
   *
   * @param done called by any thread when the kernel has been told; not called if it cannot be told
   */
  default void nameChanged(long parent, byte[] name, Runnable done) {
    done.run();
  }

  /**
   * Waits for work that the current request needs. The request must not have changed anything yet.
   * Returns when the request should look again.
   *
   * @throws DeferredException if the transport does not wait in this thread: it runs the request
   *     again later
   * @throws ErrnoException with the errno that the work failed with, or EINTR if the caller is
   *     being killed
   */
  default void await(LongWork work) throws ErrnoException {
    ErrnoException.check(-work.await(() -> false));
  }
}
