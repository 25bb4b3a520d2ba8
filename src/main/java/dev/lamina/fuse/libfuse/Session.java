package dev.lamina.fuse.libfuse;

import dev.lamina.fuse.Fusermount;
import dev.lamina.fuse.ServiceThreads;
import dev.lamina.fuse.wire.Opcode;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Log;
import dev.lamina.sys.Memory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * The service of a mounted channel on Java threads: the calling one, and as many more as there are
 * concurrent requests, up to a limit. libfuse is only called to handle single requests.
 */
final class Session {
  /**
   * The offset of {@code mem} in {@code struct fuse_buf}, which holds size_t size, int flags, void
   * *mem, int fd and off_t pos.
   */
  private static final int BUFFER_MEMORY = 16;

  private static final int BUFFER_SIZE = 40;

  private final Libfuse library;
  private final MountState state;
  private final long session;
  private final Channel channel;
  private final byte[] mountPoint;

  private final ServiceThreads threads;
  private volatile boolean isDisconnected;

  Session(
      Libfuse library,
      MountState state,
      Channel channel,
      long fuse,
      byte[] mountPoint,
      int maxWorkers) {
    this.library = library;
    this.state = state;
    this.session = library.fuse_get_session(fuse);
    this.channel = channel;
    this.mountPoint = mountPoint;
    threads = new ServiceThreads("libfuse", maxWorkers, this::newWorker);
  }

  /**
   * Serves until the file system is unmounted and the last request is answered.
   *
   * @return true if the kernel has ended the connection; otherwise the file system may still be
   *     mounted
   */
  boolean serve() {
    threads.run(newWorker());
    return isDisconnected;
  }

  /** Ends the service after the current request. */
  void exit() {
    library.fuse_session_exit(session);
  }

  /** Returns true once no request can come any more and no caller waits for an answer. */
  boolean hasEnded() {
    return library.fuse_session_exited(session) != 0;
  }

  private ServiceThreads.Worker newWorker() {
    // Each thread receives one request at a time into this memory.
    ByteBuffer memory = ByteBuffer.allocateDirect(BUFFER_SIZE + channel.messageSize());
    return () -> work(memory);
  }

  private void work(ByteBuffer memory) {
    long buffer = Memory.address(memory);
    long message = buffer + BUFFER_SIZE;
    Memory.putLong(buffer + BUFFER_MEMORY, message);
    Request request =
        new Request(library, state.fileSystem(), state.directories(), state.orphans(), message);
    request.use();
    while (!hasEnded()) {
      int received = channel.receive(message);
      if (received <= 0) {
        end(received);
        break;
      }
      Memory.putLong(buffer, received);
      request.begin();
      boolean counts = isWork(request.opcode());
      if (counts) {
        threads.begin();
      } else if (request.opcode() != Opcode.INIT) {
        request.readForgotten(state);
      }
      library.fuse_session_process_buf(session, buffer, channel.address());
      if (counts) {
        threads.end();
      }
    }
    request.none();
    Reference.reachabilityFence(memory);
  }

  /** Ends the service, because no more requests can be received. */
  private void end(int error) {
    if (error == -Errno.ENODEV) {
      isDisconnected = true;
    } else {
      Log.error(
          Session.class,
          "cannot receive requests from the kernel, unmounting: {}",
          Errno.message(-error));
      // The other threads wait for requests until the file system is unmounted.
      Fusermount.unmount(mountPoint, true);
    }
    exit();
  }

  /**
   * Returns whether a request counts as work: INIT comes before there are several threads, and
   * FORGET takes little time and comes in bursts.
   */
  private static boolean isWork(int opcode) {
    return opcode != Opcode.INIT && opcode != Opcode.FORGET && opcode != Opcode.BATCH_FORGET;
  }
}
