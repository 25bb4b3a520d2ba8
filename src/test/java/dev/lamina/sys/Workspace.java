package dev.lamina.sys;

import dev.lamina.testing.Sandbox;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A temporary directory, a descriptor of it, and native memory that calls read and write. */
final class Workspace implements AutoCloseable {
  static final int MEMORY_SIZE = 128 * 1024;

  /** A name that is not valid UTF-8. */
  static final byte[] RAW_NAME = {'r', (byte) 0xff, (byte) 0xc3, '\n', (byte) 0x80};

  private final Sandbox sandbox = new Sandbox();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(MEMORY_SIZE);
  final long memory = Memory.address(buffer);

  /** A descriptor of the directory, opened with O_PATH. */
  final int dir;

  Workspace() {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    dir = must(Linux.openat(Linux.AT_FDCWD, bytes("" + root()), flags, 0));
  }

  /** The directory is below that of the sandbox, so that a step upwards stays in the sandbox. */
  Path root() {
    return sandbox.directory("inner");
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Returns the result of a call that has to succeed. */
  static int must(int result) {
    if (result < 0) {
      throw new AssertionError(Errno.name(-result));
    }
    return result;
  }

  /** Opens a name in the directory. The caller closes the descriptor. */
  int open(String name, int flags) {
    return must(Linux.openat(dir, bytes(name), flags, 0644));
  }

  /** Creates or replaces a file. */
  void write(String name, String content) {
    int fd = open(name, OpenFlags.O_CREAT | OpenFlags.O_TRUNC | OpenFlags.O_WRONLY);
    byte[] data = bytes(content);
    Memory.putBytes(memory, data, 0, data.length);
    must(Linux.pwrite(fd, memory, data.length, 0));
    must(Linux.close(fd));
  }

  /** Returns the beginning of a file, as much as fits into the memory. */
  String read(String name) {
    int fd = open(name, OpenFlags.O_RDONLY);
    int length = must(Linux.pread(fd, memory, MEMORY_SIZE, 0));
    must(Linux.close(fd));
    return text(length);
  }

  /** Returns the first bytes of the memory. */
  String text(int length) {
    byte[] data = new byte[length];
    Memory.getBytes(memory, data, 0, length);
    return new String(data, StandardCharsets.ISO_8859_1);
  }

  Stat stat(String name) {
    Stat stat = new Stat();
    must(Linux.statx(dir, bytes(name), stat));
    return stat;
  }

  @Override
  public void close() {
    Linux.close(dir);
    sandbox.close();
  }
}
