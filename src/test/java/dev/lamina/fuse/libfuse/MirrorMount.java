package dev.lamina.fuse.libfuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.fuse.MountException;
import dev.lamina.fuse.MountRequest;
import dev.lamina.fuse.ServiceThreads;
import dev.lamina.sys.DirectoryReader;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mounts;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.testing.Sandbox;
import dev.lamina.testing.Waiting;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A mount that mirrors a directory and is served by this JVM, with methods for system calls on it.
 * Closing it unmounts and checks that all lookups and handles were given back.
 */
final class MirrorMount implements AutoCloseable {
  final Sandbox sandbox = new Sandbox();
  final Path backing = sandbox.directory("backing");
  final MirrorFileSystem fileSystem = new MirrorFileSystem(backing);

  /** An open descriptor of the root of the mount. */
  final int root;

  private final byte[] mountPoint;
  private final Thread server;
  private volatile MountException failure;

  MirrorMount() {
    this("mnt", "mirror");
  }

  /**
   * @param name the name of the mount point, bytes as ISO-8859-1
   */
  MirrorMount(String name, String source, String... options) {
    mountPoint = bytes(sandbox.root() + "/" + name);
    Linux.mkdirat(Linux.AT_FDCWD, mountPoint, 0755);
    MountRequest request = new MountRequest(mountPoint, source, List.of(options));
    server =
        new Thread(
            () -> {
              try {
                new LibfuseTransport(ServiceThreads.DEFAULT_MOST).serve(fileSystem, request);
              } catch (MountException e) {
                failure = e;
              }
            },
            "serve");
    server.setDaemon(true);
    server.start();
    Waiting.until("the mount serves", () -> fileSystem.capabilities != null || !server.isAlive());
    if (failure != null) {
      throw new AssertionError(failure);
    }
    root = ok(Linux.openat(Linux.AT_FDCWD, mountPoint, OpenFlags.O_DIRECTORY, 0));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static int ok(int result) {
    if (result < 0) {
      throw new AssertionError(Errno.name(-result));
    }
    return result;
  }

  String mountPoint() {
    return new String(mountPoint, StandardCharsets.ISO_8859_1);
  }

  Stat stat(String path) {
    Stat stat = new Stat();
    ok(Linux.statx(root, bytes(path), stat));
    return stat;
  }

  int statResult(String path) {
    return Linux.statx(root, bytes(path), new Stat());
  }

  int open(String path, int flags) {
    return ok(Linux.openat(root, bytes(path), flags, 0644));
  }

  void write(String path, String text) {
    int fd = open(path, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC);
    pwrite(fd, text, 0);
    Linux.close(fd);
  }

  String read(String path) {
    int fd = open(path, OpenFlags.O_RDONLY);
    String text = pread(fd, 1 << 20, 0);
    Linux.close(fd);
    return text;
  }

  /** Returns the names in a directory without {@code .} and {@code ..}. */
  Set<String> names(String directory) {
    int fd = open(directory, OpenFlags.O_DIRECTORY);
    Set<String> names = new TreeSet<>();
    DirectoryReader reader = new DirectoryReader();
    reader.start(fd);
    while (ok(reader.next()) > 0) {
      names.add(new String(reader.name(), StandardCharsets.ISO_8859_1));
    }
    Linux.close(fd);
    return names;
  }

  static void pwrite(int fd, String text, long offset) {
    ByteBuffer memory = ByteBuffer.allocateDirect(text.length()).put(bytes(text));
    assertEquals(text.length(), Linux.pwrite(fd, Memory.address(memory), text.length(), offset));
    memory.clear();
  }

  static String pread(int fd, int size, long offset) {
    ByteBuffer memory = ByteBuffer.allocateDirect(size);
    byte[] read = new byte[ok(Linux.pread(fd, Memory.address(memory), size, offset))];
    memory.get(read);
    return new String(read, StandardCharsets.ISO_8859_1);
  }

  /** Waits until the server has ended by itself. */
  void awaitEnd() {
    Waiting.untilEnd("serving", server);
  }

  @Override
  public void close() {
    Linux.close(root);
    try {
      if (server.isAlive()) {
        ok(Mounts.umount2(mountPoint, Mounts.UMOUNT_NOFOLLOW));
        awaitEnd();
      }
      assertEquals(null, failure);
      assertTrue(fileSystem.isDestroyed);
      assertEquals(List.of(), fileSystem.complaints);
      assertEquals(0, fileSystem.leakedLookups, "lookups not given back");
      assertEquals(0, fileSystem.leakedHandles, "files not closed");
    } finally {
      Mounts.umount2(mountPoint, Mounts.MNT_DETACH | Mounts.UMOUNT_NOFOLLOW);
      sandbox.close();
    }
  }
}
