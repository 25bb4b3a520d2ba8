package dev.lamina.differential;

import dev.lamina.sys.Devices;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import java.util.ArrayList;
import java.util.List;

/** Operations that make, move and remove names. */
final class NameOperations {
  private NameOperations() {}

  record Mkdir(Location at, int mode) implements CallAt {
    @Override
    public long call(int dirfd, byte[] name) {
      return Linux.mkdirat(dirfd, name, mode);
    }

    @Override
    public String toString() {
      return Operation.line("mkdir", Operation.octal(mode), at);
    }
  }

  /** A fifo, socket, device or, with S_IFREG, a file. */
  record Mknod(Location at, int mode, long dev) implements CallAt {
    @Override
    public long call(int dirfd, byte[] name) {
      return Linux.mknodat(dirfd, name, mode, dev);
    }

    @Override
    public String toString() {
      String device = Devices.major(dev) + ":" + Devices.minor(dev);
      String type = FileFacts.typeName(Mode.type(mode));
      return Operation.line("mknod", type, Operation.octal(mode & Mode.PERMISSIONS), device, at);
    }
  }

  record Symlink(Location at, String target) implements CallAt {
    @Override
    public long call(int dirfd, byte[] name) {
      return Linux.symlinkat(Names.bytes(target), dirfd, name);
    }

    @Override
    public String toString() {
      return Operation.line("symlink", Names.print(target), at);
    }
  }

  record Link(Location from, Location to) implements Operation {
    @Override
    public Facts execute(World world) {
      return Facts.ofResult(world.at(from, to, Linux::linkat));
    }

    @Override
    public String toString() {
      return Operation.line("link", from, to);
    }
  }

  record Unlink(Location at) implements CallAt {
    @Override
    public long call(int dirfd, byte[] name) {
      return Linux.unlinkat(dirfd, name, 0);
    }

    @Override
    public String toString() {
      return Operation.line("unlink", at);
    }
  }

  record Rmdir(Location at) implements CallAt {
    @Override
    public long call(int dirfd, byte[] name) {
      return Linux.unlinkat(dirfd, name, Linux.AT_REMOVEDIR);
    }

    @Override
    public String toString() {
      return Operation.line("rmdir", at);
    }
  }

  /** {@code rm -rf}: removes what it can; the first error is the result. */
  record RemoveTree(Location at) implements CallAt {
    @Override
    public long call(int dirfd, byte[] name) {
      return remove(dirfd, name);
    }

    private static long remove(int dirfd, byte[] name) {
      List<Directories.Entry> entries = new ArrayList<>();
      if (Directories.read(dirfd, name, entries) < 0) {
        return Linux.unlinkat(dirfd, name, 0);
      }
      int fd = Linux.openat(dirfd, name, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW, 0);
      long first = 0;
      for (Directories.Entry entry : entries) {
        long result = remove(fd, Names.bytes(entry.name()));
        first = first < 0 ? first : result;
      }
      Linux.close(fd);
      long result = Linux.unlinkat(dirfd, name, Linux.AT_REMOVEDIR);
      return first < 0 ? first : result;
    }

    @Override
    public String toString() {
      return Operation.line("rm-rf", at);
    }
  }

  record Rename(Location from, Location to, int flags) implements Operation {
    @Override
    public Facts execute(World world) {
      return Facts.ofResult(
          world.at(
              from,
              to,
              (fromDir, fromName, toDir, toName) ->
                  Linux.renameat2(fromDir, fromName, toDir, toName, flags)));
    }

    @Override
    public String toString() {
      String name =
          switch (flags) {
            case Linux.RENAME_NOREPLACE -> "rename-noreplace";
            case Linux.RENAME_EXCHANGE -> "rename-exchange";
            default -> "rename";
          };
      return Operation.line(name, from, to);
    }
  }
}
