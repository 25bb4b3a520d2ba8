package dev.lamina.fuse.kernel;

import dev.lamina.fuse.Notifier;
import dev.lamina.fuse.wire.InvalidateInodeOut;
import dev.lamina.fuse.wire.Notification;
import dev.lamina.fuse.wire.OutHeader;
import dev.lamina.sys.NativeMemory;

/** Sends notifications over the device. */
final class KernelNotifier implements Notifier, AutoCloseable {
  private static final int SIZE = OutHeader.STRUCT_SIZE + InvalidateInodeOut.STRUCT_SIZE;

  /** No data is dropped, so the kernel waits for nothing that a request of ours may hold. */
  private static final long ATTRIBUTES_ONLY = -1;

  private static final long FROM_THE_START = 0;

  private final DevFuse device;
  private final NativeMemory memory = new NativeMemory(SIZE);

  KernelNotifier(DevFuse device) {
    this.device = device;
  }

  @Override
  public void attributesChanged(long nodeid, long ino) {
    invalidate(nodeid, ATTRIBUTES_ONLY);
  }

  /**
   * {@inheritDoc}
   *
   * <p>The kernel waits for whoever copies entries out of its cache at the moment, which is nobody
   * who waits for an answer of ours about the directory.
   */
  @Override
  public void listingChanged(long nodeid) {
    invalidate(nodeid, FROM_THE_START);
  }

  private synchronized void invalidate(long nodeid, long offset) {
    long message = memory.address();
    OutHeader.length(message, SIZE);
    OutHeader.error(message, Notification.INVALIDATE_INODE);
    OutHeader.unique(message, 0);
    long body = message + OutHeader.STRUCT_SIZE;
    InvalidateInodeOut.nodeid(body, nodeid);
    InvalidateInodeOut.offset(body, offset);
    InvalidateInodeOut.length(body, 0);
    // ENOENT says that the kernel does not know the object; then it has nothing cached of it.
    device.send(message, SIZE);
  }

  @Override
  public synchronized void close() {
    memory.close();
  }
}
