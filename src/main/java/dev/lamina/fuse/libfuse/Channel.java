package dev.lamina.fuse.libfuse;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jnr.ffi.Runtime;

/**
 * The connection to the kernel: a libfuse channel ({@code struct fuse_chan_ops} of fuse_lowlevel.h)
 * implemented in Java, through which libfuse sends its replies. Requests are received without
 * libfuse.
 */
final class Channel {
  /**
   * The offset of {@code send} in {@code struct fuse_chan_ops}, which holds receive, send and
   * destroy.
   */
  private static final int SEND = 8;

  private static final int OPS_SIZE = 24;

  private final Libfuse library;
  private final MountState state;
  private final int fd;
  private final long address;
  private final int messageSize;

  /** The reference keeps jnr-ffi from freeing the function. */
  private final NativeCallback.Three send;

  /**
   * @param mounted libfuse's own channel, which owns the device and closes it
   */
  Channel(Libfuse library, long mounted, MountState state) {
    this.library = library;
    this.state = state;
    fd = library.fuse_chan_fd(mounted);
    messageSize = (int) library.fuse_chan_bufsize(mounted);
    send = (channel, iov, count) -> send(Request.current(), iov, count);
    long function =
        Runtime.getSystemRuntime()
            .getClosureManager()
            .getClosurePointer(NativeCallback.Three.class, send)
            .address();
    ByteBuffer functions = ByteBuffer.allocateDirect(OPS_SIZE).order(ByteOrder.nativeOrder());
    functions.putLong(SEND, function);
    address = library.fuse_chan_new(Memory.address(functions), fd, messageSize, 0);
    Reference.reachabilityFence(functions);
  }

  long address() {
    return address;
  }

  /** Returns the size of the longest request in bytes. */
  int messageSize() {
    return messageSize;
  }

  /**
   * Waits for a request.
   *
   * @return the length of the request, or the negative errno: ENODEV when the file system is
   *     unmounted
   */
  int receive(long message) {
    while (true) {
      int received = Linux.read(fd, message, messageSize);
      // ENOENT: the request was interrupted before it could be read.
      if (received != -Errno.EINTR && received != -Errno.EAGAIN && received != -Errno.ENOENT) {
        return received;
      }
    }
  }

  /** Invalidates the kernel's attributes of a node, given libfuse's number of the node. */
  void expireAttributes(long libfuseNode) {
    // ENOENT says that the kernel does not know the node.
    library.fuse_lowlevel_notify_inval_inode(address, libfuseNode, -1, 0);
  }

  /**
   * Does the same by inode number, for a directory that the kernel knows, or the file that the
   * calling thread's request is about.
   */
  void attributesChanged(long ino) {
    long node = state.nodes().find(ino);
    Request request = Request.current();
    if (node == 0 && request != null && request.isAboutOneFile()) {
      node = request.libfuseNode();
    }
    if (node != 0) {
      expireAttributes(node);
    }
  }

  /**
   * Sends a reply and returns 0 or the negative errno. libfuse handles ENOENT, for an open that was
   * interrupted.
   */
  private int send(Request request, long iov, long count) {
    try {
      if (iov == 0) {
        return 0;
      }
      Lifetimes.write(request, state, iov, count);
    } catch (Throwable e) {
      OperationTable.log("send", e);
    }
    // The reply is sent in any case: without an answer the caller would wait for ever.
    int result = Linux.writev(fd, iov, (int) count);
    return Math.min(result, 0);
  }
}
