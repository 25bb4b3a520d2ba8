package dev.lamina.run;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.NativeMemory;
import dev.lamina.sys.OpenFlags;
import java.nio.file.Path;

/** Two FIFOs by which this process and the shell that becomes the command wait for each other. */
final class Handshake implements AutoCloseable {
  private static final long POLL_MILLIS = 1;

  private final int ready;
  private final int go;

  Handshake(RunDirectory runDirectory) throws RunException {
    ready = open(runDirectory.makeFifo("ready"));
    go = open(runDirectory.makeFifo("go"));
  }

  /**
   * Opens a FIFO for both reading and writing, so that opening it does not block and neither side
   * finds the other end closed.
   */
  private static int open(Path fifo) throws RunException {
    int flags = OpenFlags.O_RDWR | OpenFlags.O_NONBLOCK;
    int fd = Linux.openat(Linux.AT_FDCWD, Bytes.of(Bytes.ofPath(fifo)), flags, 0);
    if (fd < 0) {
      throw new RunException("cannot open " + fifo + ": " + Errno.message(-fd));
    }
    return fd;
  }

  /**
   * Waits until the shell has read its script. From then on it needs no file of the host.
   *
   * @param process a process that ends when the shell ends
   */
  void awaitReady(Process process) throws RunException {
    try (NativeMemory memory = new NativeMemory(1)) {
      while (Linux.read(ready, memory.address(), 1) != 1) {
        if (!process.isAlive()) {
          throw new RunException(
              "the container's first process failed with status " + process.exitValue());
        }
        Thread.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunException("interrupted", e);
    }
  }

  /** Lets the shell continue. */
  void go() throws RunException {
    try (NativeMemory memory = new NativeMemory(1)) {
      Memory.putByte(memory.address(), (byte) '\n');
      if (Linux.write(go, memory.address(), 1) != 1) {
        throw new RunException("cannot tell the container's first process to continue");
      }
    }
  }

  @Override
  public void close() {
    Linux.close(ready);
    Linux.close(go);
  }
}
