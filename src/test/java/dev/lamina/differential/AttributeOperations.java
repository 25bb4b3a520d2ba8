package dev.lamina.differential;

import dev.lamina.sys.Errno;
import dev.lamina.sys.FileSystemStat;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import dev.lamina.sys.TestCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Operations on a name that read it or change its attributes. */
final class AttributeOperations {
  private AttributeOperations() {}

  record Chmod(Location at, int mode) implements CallAt {
    @Override
    public long call(int dirfd, byte[] name) {
      return Linux.fchmodat(dirfd, name, mode);
    }

    @Override
    public String toString() {
      return Operation.line("chmod", Operation.octal(mode), at);
    }
  }

  record Chown(Location at, int uid, int gid) implements CallAt {
    @Override
    public long call(int dirfd, byte[] name) {
      return Linux.fchownat(dirfd, name, uid, gid);
    }

    @Override
    public String toString() {
      return Operation.line("chown", uid + ":" + gid, at);
    }
  }

  record Utimens(Location at, Times times) implements CallAt {
    @Override
    public long call(int dirfd, byte[] name) {
      return times.set(dirfd, name);
    }

    @Override
    public String toString() {
      return Operation.line("utimens", times, at);
    }
  }

  /** truncate(2) by name; a symbolic link, which it would follow, answers ELOOP. */
  record Truncate(Location at, long size) implements CallAt {
    @Override
    public long call(int dirfd, byte[] name) {
      Stat stat = new Stat();
      int result = Linux.statx(dirfd, name, stat);
      if (result < 0) {
        return result;
      }
      return stat.isSymlink() ? -Errno.ELOOP : TestCalls.truncate(dirfd, name, size);
    }

    @Override
    public String toString() {
      return Operation.line("truncate", size, at);
    }
  }

  record Lstat(Location at) implements Operation {
    @Override
    public Facts execute(World world) {
      Stat stat = new Stat();
      long result = world.at(at, (dir, name) -> Linux.statx(dir, name, stat));
      Facts facts = Facts.ofResult(result);
      return result < 0 ? facts : facts.putAll(FileFacts.stat(stat));
    }

    @Override
    public String toString() {
      return Operation.line("stat", at);
    }
  }

  record Readlink(Location at) implements ReadAt {
    @Override
    public void read(FileFacts reader, int dirfd, byte[] name, Facts facts) {
      facts.put("target", reader.linkTarget(dirfd, name));
    }

    @Override
    public String toString() {
      return Operation.line("readlink", at);
    }
  }

  /** Names, types, and whether each inode number is the one that stat gives. */
  record Readdir(Location at) implements Operation {
    @Override
    public Facts execute(World world) {
      Facts facts = new Facts();
      long result =
          world.at(
              at,
              (dir, name) -> {
                int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
                int fd = Linux.openat(dir, name, flags, 0);
                if (fd < 0) {
                  return fd;
                }
                try {
                  return list(fd, facts);
                } finally {
                  Linux.close(fd);
                }
              });
      return facts.put("result", Facts.result(result));
    }

    /** Adds a directory's entries to {@code facts}; 0 or the negative errno. */
    static long list(int fd, Facts facts) {
      List<Directories.Entry> entries = new ArrayList<>();
      long result = Directories.read(fd, entries);
      facts.put(
          "entries",
          entries.stream()
              .map(e -> Names.print(e.name()) + "(" + FileFacts.typeName(e.type()) + ")")
              .collect(Collectors.joining(" ")));
      Stat stat = new Stat();
      boolean equal = true;
      for (Directories.Entry entry : entries) {
        // Without the right to look names up there is nothing to compare.
        if (Linux.statx(fd, Names.bytes(entry.name()), stat) == 0) {
          equal &= stat.ino == entry.ino() && stat.ino != 0;
        }
      }
      facts.put("dirent-ino", equal ? "yes" : "no");
      return result;
    }

    @Override
    public String toString() {
      return Operation.line("readdir", at);
    }
  }

  record Statfs() implements Operation {
    @Override
    public Facts execute(World world) {
      FileSystemStat stat = new FileSystemStat();
      int result = Linux.fstatfs(world.rootFd(), stat);
      return Facts.ofResult(result)
          .put("name-length", stat.nameLength)
          .put("sane", stat.blocks > 0 && stat.blocksFree <= stat.blocks && stat.type != 0);
    }

    @Override
    public String toString() {
      return "statfs";
    }
  }
}
