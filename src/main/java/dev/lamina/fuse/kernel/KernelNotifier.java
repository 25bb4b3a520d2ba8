package dev.lamina.fuse.kernel;

import dev.lamina.fuse.DeferredException;
import dev.lamina.fuse.LongWork;
import dev.lamina.fuse.Notifier;
import dev.lamina.fuse.wire.InvalidateEntryOut;
import dev.lamina.fuse.wire.InvalidateInodeOut;
import dev.lamina.fuse.wire.Notification;
import dev.lamina.fuse.wire.OutHeader;
import dev.lamina.fuse.wire.StoreOut;
import dev.lamina.sys.Log;
import dev.lamina.sys.Memory;
import dev.lamina.sys.NativeMemory;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sends notifications through the device. Separate threads send those for which the kernel may wait
 * for a lock or a page that another request holds: a worker must not block there.
 */
final class KernelNotifier implements Notifier, AutoCloseable {
  /** The offset that drops no cached data, so that the kernel waits for nothing. */
  private static final long ATTRIBUTES_ONLY = -1;

  private static final long FROM_THE_START = 0;

  /**
   * How long to wait for a listing to be dropped. After that time, it is being read with its page
   * locked.
   */
  private static final long PATIENCE_MILLIS = 500;

  private static final int MAX_WAITING = 10_000;

  private final DevFuse device;

  /**
   * The threads that invalidate names. Each may have to wait for the lock of a directory, which a
   * waiting request may hold.
   */
  private final ThreadPoolExecutor names = threads(4);

  /**
   * The thread that invalidates listings. That takes no such lock, and must not queue behind those
   * that do.
   */
  private final ThreadPoolExecutor listings = threads(1);

  KernelNotifier(DevFuse device) {
    this.device = device;
  }

  /** Makes threads that end when there is nothing to send. */
  private static ThreadPoolExecutor threads(int count) {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            count,
            count,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_WAITING),
            task -> {
              Thread thread = new Thread(task, "notifier");
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  @Override
  public void attributesChanged(long nodeid, long ino) {
    invalidate(nodeid, ATTRIBUTES_ONLY);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Waits until the kernel has done it, but not for long: the kernel may wait for a process that
   * copies entries from its cache into memory that has to be paged in.
   */
  @Override
  public void listingChanged(long nodeid) {
    try {
      Future<?> sent = listings.submit(() -> invalidate(nodeid, FROM_THE_START));
      sent.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
      // The cached listing shows an old inode number for a while.
    }
  }

  /**
   * {@inheritDoc} A separate thread does it: the kernel takes the directory's lock, which the
   * current request may hold.
   */
  @Override
  public void nameChanged(long parent, byte[] name, Runnable done) {
    try {
      names.execute(
          () -> {
            try {
              invalidateEntry(parent, name);
            } finally {
              done.run();
            }
          });
    } catch (RejectedExecutionException e) {
      // Until the kernel forgets the name, it leads to the old inode, which cannot be opened by it.
    }
  }

  /** {@inheritDoc} The request is parked and no worker blocks. */
  @Override
  public void await(LongWork work) throws DeferredException {
    throw new DeferredException(work);
  }

  @Override
  public boolean takesContents() {
    return true;
  }

  /**
   * {@inheritDoc}
   *
   * <p>The kernel does not wait: before the first OPEN is answered no page of the file is cached or
   * being read.
   */
  @Override
  public void contents(long nodeid, long address, int size) {
    int start = OutHeader.STRUCT_SIZE + StoreOut.STRUCT_SIZE;
    try (NativeMemory memory = new NativeMemory(start + size)) {
      StoreOut.write(header(memory, start + size, Notification.STORE), nodeid, 0, size);
      Memory.copy(address, memory.address() + start, size);
      // If it fails, the kernel reads the file.
      device.send(memory.address(), start + size);
    } catch (OutOfMemoryError e) {
      Log.debug(
          KernelNotifier.class, "cannot pass the contents of a file to the kernel's cache", e);
    }
  }

  private void invalidate(long nodeid, long offset) {
    int size = OutHeader.STRUCT_SIZE + InvalidateInodeOut.STRUCT_SIZE;
    try (NativeMemory memory = new NativeMemory(size)) {
      long body = header(memory, size, Notification.INVALIDATE_INODE);
      InvalidateInodeOut.nodeid(body, nodeid);
      InvalidateInodeOut.offset(body, offset);
      InvalidateInodeOut.length(body, 0);
      // ENOENT says that the kernel does not know the object, so it has nothing cached of it.
      device.send(memory.address(), size);
    }
  }

  private void invalidateEntry(long parent, byte[] name) {
    int size = OutHeader.STRUCT_SIZE + InvalidateEntryOut.STRUCT_SIZE + name.length + 1;
    try (NativeMemory memory = new NativeMemory(size)) {
      long body = header(memory, size, Notification.INVALIDATE_ENTRY);
      InvalidateEntryOut.parent(body, parent);
      InvalidateEntryOut.nameLength(body, name.length);
      InvalidateEntryOut.flags(body, 0);
      long start = body + InvalidateEntryOut.STRUCT_SIZE;
      Memory.putBytes(start, name, 0, name.length);
      Memory.putByte(start + name.length, (byte) 0);
      // As above.
      device.send(memory.address(), size);
    }
  }

  /** Writes the header and returns the address of the body. */
  private static long header(NativeMemory memory, int size, int code) {
    OutHeader.write(memory.address(), size, code, 0);
    return memory.address() + OutHeader.STRUCT_SIZE;
  }

  @Override
  public void close() {
    names.shutdownNow();
    listings.shutdownNow();
  }
}
