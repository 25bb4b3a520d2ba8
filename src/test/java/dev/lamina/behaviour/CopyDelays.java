package dev.lamina.behaviour;

import static dev.lamina.testing.Tree.ok;

import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Daemon;
import dev.lamina.testing.Strace;
import dev.lamina.testing.Tree;
import java.nio.file.Path;

/** Large files whose copy-ups take as long as a test wants them to. */
final class CopyDelays {
  /** Longer than any test: no copy goes on until strace lets go of it. */
  static final int HELD_MICROS = Integer.MAX_VALUE;

  private CopyDelays() {}

  /** Writes a file of extents far apart, each of which takes a system call to copy. */
  static void writeLarge(Tree layer, String name, int extents) {
    layer.write(name, "");
    int fd = ok(layer.open(name, OpenFlags.O_WRONLY));
    for (int i = 0; i < extents; i++) {
      Tree.pwrite(fd, "data", (long) i << 20);
    }
    Linux.close(fd);
  }

  /** Runs an action while each system call that copies data is delayed. */
  static void during(Union union, Runnable action, int micros) {
    during(union, action, "delay_enter=" + micros);
  }

  /** Runs an action while something else is injected, in strace's words. */
  static void during(Union union, Runnable action, String injection) {
    Strace.during(
        action,
        Daemon.of(union.mountPoint()),
        trace(union),
        "-e",
        "trace=copy_file_range",
        "-e",
        "inject=copy_file_range:" + injection);
  }

  /** The system calls of the latest {@link #during}, a line each. */
  static Path trace(Union union) {
    return union.sandbox().root().resolve("trace");
  }
}
