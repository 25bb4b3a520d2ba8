package dev.lamina.union;

import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Tree;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.List;

/** Operations of {@link ReadFaultMatrixTest} on the flags that chattr(1) sets, and these flags. */
final class FaultFlags {
  /** FS_SYNC_FL, FS_NODUMP_FL and FS_NOATIME_FL of linux/fs.h. */
  static final int SYNC = 0x08;

  static final int NO_DUMP = 0x40;
  static final int NO_ACCESS_TIME = 0x80;

  /** FS_IMMUTABLE_FL and FS_APPEND_FL, for which an upper has a mark. */
  private static final int IMMUTABLE = 0x10;

  private static final int APPEND_ONLY = 0x20;

  /** FS_XFLAG_IMMUTABLE, FS_XFLAG_APPEND and FS_XFLAG_NODUMP. */
  private static final int X_IMMUTABLE = 0x08;

  private static final int X_APPEND_ONLY = 0x10;
  private static final int X_NO_DUMP = 0x80;

  private static final long GETFLAGS = 0x80086601L;
  private static final long SETFLAGS = 0x40086602L;
  private static final long FSSETXATTR = 0x401c5820L;

  /** The size of {@code struct fsxattr}, the larger argument of the calls. */
  private static final int SIZE = 28;

  private FaultFlags() {}

  static void addTo(List<FaultOperation> all) {
    for (String path : List.of("f", "uf", "d", "h1", "new/inner", "flags", "meta")) {
      for (int flags : new int[] {NO_DUMP, IMMUTABLE | NO_DUMP, APPEND_ONLY}) {
        change(all, "SETFLAGS " + flags, path, SETFLAGS, flags);
      }
    }
    for (String path : List.of("f", "uf", "d", "flags")) {
      for (int flags : new int[] {0, X_IMMUTABLE | X_NO_DUMP, X_APPEND_ONLY}) {
        change(all, "FSSETXATTR " + flags, path, FSSETXATTR, flags);
      }
    }
    // The copy gets these flags.
    FaultOperation.node(
        all,
        "chmod flags",
        "flags",
        (union, node) ->
            FaultContents.changed(
                union,
                node,
                FuseFileSystem.NO_HANDLE,
                request -> {
                  request.setMode = true;
                  request.mode = 0640;
                }),
        tree -> tree.chmod("flags", 0640));
  }

  private static void change(
      List<FaultOperation> all, String what, String path, long command, int flags) {
    FaultOperation.add(
        all,
        what + " " + path,
        union -> {
          ByteBuffer buffer = buffer(flags);
          union.fileSystem.ioctl(
              union.context,
              union.walk(path).nodeid,
              command,
              Memory.address(buffer),
              command == SETFLAGS ? 4 : SIZE,
              0,
              0);
          Reference.reachabilityFence(buffer);
          return "";
        },
        tree -> {
          if (path.equals("meta")) {
            // Copies the data too, as the union does; the kernel leaves it in the lower layer.
            Tree.ok(Linux.close(Tree.ok(tree.open(path, OpenFlags.O_RDWR))));
          }
          return call(tree, path, command, flags);
        },
        path.equals("meta"));
  }

  static void set(Tree tree, String path, int flags) {
    Tree.ok((int) call(tree, path, SETFLAGS, flags));
  }

  private static long call(Tree tree, String path, long command, int flags) {
    ByteBuffer buffer = buffer(flags);
    int fd = Tree.ok(tree.open(path, OpenFlags.O_RDONLY));
    int result = Linux.ioctl(fd, command, Memory.address(buffer));
    Reference.reachabilityFence(buffer);
    Linux.close(fd);
    return result;
  }

  /** Returns the flags of a regular file or directory that are not stored as a mark. */
  static String shown(Tree tree, String path) {
    ByteBuffer buffer = buffer(0);
    int fd = Tree.ok(tree.open(path, OpenFlags.O_RDONLY));
    Tree.ok(Linux.ioctl(fd, GETFLAGS, Memory.address(buffer)));
    Linux.close(fd);
    return text(buffer);
  }

  static String shown(InProcess union, long nodeid) throws ErrnoException {
    ByteBuffer buffer = buffer(0);
    union.fileSystem.ioctl(union.context, nodeid, GETFLAGS, 0, 0, Memory.address(buffer), 4);
    return text(buffer);
  }

  private static String text(ByteBuffer buffer) {
    int flags = Memory.getInt(Memory.address(buffer)) & (SYNC | NO_DUMP | NO_ACCESS_TIME);
    Reference.reachabilityFence(buffer);
    return " flags " + Integer.toHexString(flags);
  }

  private static ByteBuffer buffer(int flags) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE);
    Memory.putInt(Memory.address(buffer), flags);
    return buffer;
  }
}
