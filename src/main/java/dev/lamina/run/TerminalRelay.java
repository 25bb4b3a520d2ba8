package dev.lamina.run;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.NativeMemory;
import dev.lamina.sys.Terminal;

/**
 * Copies between the terminal of this process and the terminal of a container, unchanged and in
 * both directions, and gives the container's terminal the size of this one. Closing it restores the
 * settings of this terminal.
 */
final class TerminalRelay implements AutoCloseable {
  private static final int INPUT = 0;
  private static final int OUTPUT = 1;
  private static final int CHUNK = 16 << 10;
  private static final long PATIENCE_MILLIS = 5000;

  private final int master;
  private final byte[] before;
  private final Thread output;

  /**
   * @param master a descriptor of the master of the container's terminal, which the caller must
   *     close after this object
   */
  TerminalRelay(int master) {
    this.master = master;
    before = Terminal.settings(INPUT);
    resize();
    Terminal.makeRaw(INPUT);
    output = start("terminal output", () -> copy(master, OUTPUT));
    // Nothing can interrupt this thread's read, so it is a daemon thread and ends with the process.
    start("terminal input", () -> copy(INPUT, master));
  }

  private static Thread start(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  void resize() {
    Terminal.copySize(INPUT, master);
  }

  /**
   * Copies until end-of-file or an error. Reading the master fails with EIO when no process has the
   * other end open.
   */
  private static void copy(int from, int to) {
    try (NativeMemory memory = new NativeMemory(CHUNK)) {
      int read = read(from, memory);
      while (read > 0) {
        int written = 0;
        while (written < read) {
          int result = Linux.write(to, memory.address() + written, read - written);
          if (result < 0 && result != -Errno.EINTR && result != -Errno.EAGAIN) {
            return;
          }
          written += Math.max(result, 0);
        }
        read = read(from, memory);
      }
    }
  }

  private static int read(int from, NativeMemory memory) {
    int read;
    do {
      read = Linux.read(from, memory.address(), CHUNK);
    } while (read == -Errno.EINTR);
    return read;
  }

  /** Waits until everything that the container has printed is copied. */
  @Override
  public void close() {
    try {
      output.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (before != null) {
      Terminal.restore(INPUT, before);
    }
  }
}
