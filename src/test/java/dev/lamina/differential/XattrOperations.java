package dev.lamina.differential;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Xattrs;
import java.util.TreeSet;

/** Operations on extended attributes, by name. */
final class XattrOperations {
  private XattrOperations() {}

  /** setxattr(2); the value's characters are bytes. */
  record Setxattr(Location at, String attribute, String value, int flags) implements Operation {
    @Override
    public Facts execute(World world) {
      long buffer = world.reader().buffer();
      byte[] bytes = Names.bytes(value);
      Memory.putBytes(buffer, bytes, 0, bytes.length);
      byte[] key = Names.bytes(attribute);
      return Facts.ofResult(
          world.at(at, (dir, name) -> Xattrs.set(dir, name, key, buffer, bytes.length, flags)));
    }

    @Override
    public String toString() {
      String how =
          switch (flags) {
            case Xattrs.XATTR_CREATE -> "setxattr-create";
            case Xattrs.XATTR_REPLACE -> "setxattr-replace";
            default -> "setxattr";
          };
      return Operation.line(how, Names.print(attribute), Names.print(value), at);
    }
  }

  record Getxattr(Location at, String attribute) implements ReadAt {
    @Override
    public void read(FileFacts reader, int dirfd, byte[] name, Facts facts) {
      facts.put("value", reader.xattr(dirfd, name, attribute));
    }

    @Override
    public String toString() {
      return Operation.line("getxattr", Names.print(attribute), at);
    }
  }

  record Listxattr(Location at) implements ReadAt {
    @Override
    public void read(FileFacts reader, int dirfd, byte[] name, Facts facts) {
      TreeSet<String> names = reader.xattrNames(dirfd, name, facts, any -> true);
      if (names != null) {
        facts.put("xattrs", names);
      }
    }

    @Override
    public String toString() {
      return Operation.line("listxattr", at);
    }
  }

  record Removexattr(Location at, String attribute) implements CallAt {
    @Override
    public long call(int dirfd, byte[] name) {
      return Xattrs.remove(dirfd, name, Names.bytes(attribute));
    }

    @Override
    public String toString() {
      return Operation.line("removexattr", Names.print(attribute), at);
    }
  }

  /** fgetxattr and fsetxattr by way of a handle: a user attribute is set, and read again. */
  record Fxattr(int slot, String attribute, String value) implements Operation {
    @Override
    public Facts execute(World world) {
      byte[] key = Names.bytes(attribute);
      byte[] bytes = Names.bytes(value);
      Facts facts =
          world.changeByHandle(
              slot, fd -> fd < 0 ? -Errno.EBADF : Xattrs.set(fd, Linux.EMPTY, key, bytes));
      int fd = world.handle(slot);
      return fd < 0 ? facts : facts.put("value", world.reader().xattr(fd, Linux.EMPTY, attribute));
    }

    @Override
    public String toString() {
      return Operation.line("fxattr", "h" + slot, attribute, Names.print(value));
    }
  }
}
