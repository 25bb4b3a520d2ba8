package dev.lamina.differential;

import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import java.util.StringJoiner;

/** Operations on descriptors, which stay open from one operation to the next. */
final class HandleOperations {
  private HandleOperations() {}

  /**
   * openat(2) into a slot; what the slot held is closed first. Without O_NOFOLLOW links are
   * followed as if the mount were the root directory, so that none leads out of it.
   */
  record Open(int slot, Location at, int flags, int mode) implements Operation {
    @Override
    public Facts execute(World world) {
      world.closeHandle(slot);
      // Without O_NONBLOCK a fifo would wait for somebody at its other end.
      int all = flags | OpenFlags.O_NONBLOCK | OpenFlags.O_NOCTTY;
      long fd = world.open(at, all, mode);
      if (fd >= 0) {
        world.keep(slot, (int) fd, flags);
      }
      return Facts.ofStatus(fd);
    }

    @Override
    public String toString() {
      StringJoiner names = new StringJoiner("|");
      names.add(
          switch (flags & OpenFlags.O_ACCMODE) {
            case OpenFlags.O_RDONLY -> "O_RDONLY";
            case OpenFlags.O_WRONLY -> "O_WRONLY";
            default -> "O_RDWR";
          });
      add(names, OpenFlags.O_CREAT, "O_CREAT");
      add(names, OpenFlags.O_EXCL, "O_EXCL");
      add(names, OpenFlags.O_TRUNC, "O_TRUNC");
      add(names, OpenFlags.O_APPEND, "O_APPEND");
      add(names, OpenFlags.O_DIRECTORY, "O_DIRECTORY");
      add(names, OpenFlags.O_NOFOLLOW, "O_NOFOLLOW");
      return Operation.line("open", "h" + slot, names, Operation.octal(mode), at);
    }

    private void add(StringJoiner names, int flag, String name) {
      if ((flags & flag) != 0) {
        names.add(name);
      }
    }
  }

  record Close(int slot) implements Operation {
    @Override
    public Facts execute(World world) {
      return Facts.ofResult(world.closeHandle(slot));
    }

    @Override
    public String toString() {
      return Operation.line("close", "h" + slot);
    }
  }

  record Pread(int slot, long offset, int size) implements Operation {
    @Override
    public Facts execute(World world) {
      return new Facts().put("data", world.read(slot, offset, size));
    }

    @Override
    public String toString() {
      return Operation.line("pread", "h" + slot, "offset=" + offset, "size=" + size);
    }
  }

  /** Writes bytes that count up from {@code first}. */
  record Pwrite(int slot, long offset, int size, int first) implements Operation {
    @Override
    public Facts execute(World world) {
      long buffer = world.reader().buffer();
      return world.writeByHandle(
          slot,
          fd -> {
            Memory.putBytes(buffer, pattern(size, first), 0, size);
            return Linux.pwrite(fd, buffer, size, offset);
          });
    }

    static byte[] pattern(int size, int first) {
      byte[] bytes = new byte[size];
      for (int i = 0; i < size; i++) {
        bytes[i] = (byte) (first + i * 7);
      }
      return bytes;
    }

    @Override
    public String toString() {
      return Operation.line(
          "pwrite", "h" + slot, "offset=" + offset, "size=" + size, "first=" + first);
    }
  }

  record Ftruncate(int slot, long size) implements Operation {
    @Override
    public Facts execute(World world) {
      return world.writeByHandle(slot, fd -> Linux.ftruncate(fd, size));
    }

    @Override
    public String toString() {
      return Operation.line("ftruncate", "h" + slot, size);
    }
  }

  record Fstat(int slot) implements Operation {
    @Override
    public Facts execute(World world) {
      Stat stat = new Stat();
      int result = Linux.fstat(world.handle(slot), stat);
      Facts facts = Facts.ofResult(result);
      if (result == 0) {
        facts.putAll(FileFacts.stat(stat));
        facts.put("ino-kept", world.inodeKept(slot, stat.ino) ? "yes" : "no");
      }
      return facts;
    }

    @Override
    public String toString() {
      return Operation.line("fstat", "h" + slot);
    }
  }

  record Fchmod(int slot, int mode) implements Operation {
    @Override
    public Facts execute(World world) {
      return world.changeByHandle(slot, fd -> Linux.fchmod(fd, mode));
    }

    @Override
    public String toString() {
      return Operation.line("fchmod", "h" + slot, Operation.octal(mode));
    }
  }

  record Fchown(int slot, int uid, int gid) implements Operation {
    @Override
    public Facts execute(World world) {
      return world.changeByHandle(slot, fd -> Linux.fchown(fd, uid, gid));
    }

    @Override
    public String toString() {
      return Operation.line("fchown", "h" + slot, uid + ":" + gid);
    }
  }

  record Futimens(int slot, Times times) implements Operation {
    @Override
    public Facts execute(World world) {
      return world.changeByHandle(slot, fd -> times.set(fd, Linux.EMPTY));
    }

    @Override
    public String toString() {
      return Operation.line("futimens", "h" + slot, times);
    }
  }

  record Fsync(int slot) implements Operation {
    @Override
    public Facts execute(World world) {
      return Facts.ofResult(Linux.fsync(world.handle(slot)));
    }

    @Override
    public String toString() {
      return Operation.line("fsync", "h" + slot);
    }
  }

  /** Reads an open directory from its start. */
  record Freaddir(int slot) implements Operation {
    @Override
    public Facts execute(World world) {
      Facts facts = new Facts();
      long result = AttributeOperations.Readdir.list(world.handle(slot), facts);
      return facts.put("result", Facts.result(result));
    }

    @Override
    public String toString() {
      return Operation.line("freaddir", "h" + slot);
    }
  }
}
