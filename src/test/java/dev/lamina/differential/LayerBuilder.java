package dev.lamina.differential;

import dev.lamina.sys.Errno;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Xattrs;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Makes a layer on disk. The same entries give the same layer, whatever else happens. */
final class LayerBuilder {
  private static final byte[] OPAQUE = Names.bytes("trusted.overlay.opaque");

  /** A layer's root; also an upper's, as overlayfs shows the topmost layer's attributes. */
  private static final LayerEntry.Attributes ROOT_ATTRIBUTES =
      new LayerEntry.Attributes(0777, 0, 0, new Times(900_000_000, 1, 900_000_001, 2), Map.of());

  private static final int WALK = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;

  private final int rootFd;

  private LayerBuilder(int rootFd) {
    this.rootFd = rootFd;
  }

  /** Fills an empty directory. */
  static void build(Path directory, List<LayerEntry> entries) {
    int fd = MountedSide.openDirectory(directory, OpenFlags.O_RDONLY);
    try {
      new LayerBuilder(fd).build(entries);
    } finally {
      Linux.close(fd);
    }
  }

  private void build(List<LayerEntry> entries) {
    entries.forEach(this::make);
    // Backwards, so that a directory gets its times after what is in it.
    for (int i = entries.size() - 1; i >= 0; i--) {
      LayerEntry entry = entries.get(i);
      if (entry.attributes() != null) {
        int dirfd = openDirectory(entry.at().parent());
        setAttributes(dirfd, entry.at().lastName(), entry.attributes());
        Linux.close(dirfd);
      }
    }
    setAttributes(rootFd, Names.bytes("."), ROOT_ATTRIBUTES);
  }

  private void make(LayerEntry entry) {
    int dirfd = openDirectory(entry.at().parent());
    make(dirfd, entry.at().lastName(), entry.content());
    Linux.close(dirfd);
  }

  private void make(int dirfd, byte[] name, LayerEntry.Content content) {
    if (content instanceof LayerEntry.Directory directory) {
      check(Linux.mkdirat(dirfd, name, 0700));
      if (directory.opaque()) {
        check(Xattrs.set(dirfd, name, OPAQUE, Names.bytes("y")));
      }
    } else if (content instanceof LayerEntry.Data data) {
      makeFile(dirfd, name, data);
    } else if (content instanceof LayerEntry.HardLink link) {
      link(dirfd, name, link.target());
    } else if (content instanceof LayerEntry.SymbolicLink link) {
      check(Linux.symlinkat(Names.bytes(link.target()), dirfd, name));
    } else if (content instanceof LayerEntry.Special special) {
      check(Linux.mknodat(dirfd, name, special.type() | 0600, special.dev()));
    } else {
      check(Linux.mknodat(dirfd, name, Mode.S_IFCHR, 0));
    }
  }

  private void makeFile(int dirfd, byte[] name, LayerEntry.Data data) {
    int flags = OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_WRONLY;
    int fd = check(Linux.openat(dirfd, name, flags, 0600));
    for (LayerEntry.Piece piece : data.pieces()) {
      ByteBuffer memory = ByteBuffer.allocateDirect(piece.size());
      memory.put(HandleOperations.Pwrite.pattern(piece.size(), piece.first()));
      check(Linux.pwrite(fd, Memory.address(memory), piece.size(), piece.offset()));
      Reference.reachabilityFence(memory);
    }
    check(Linux.ftruncate(fd, data.size()));
    Linux.close(fd);
  }

  private void link(int dirfd, byte[] name, Location target) {
    int targetDirfd = openDirectory(target.parent());
    check(Linux.linkat(targetDirfd, target.lastName(), dirfd, name));
    Linux.close(targetDirfd);
  }

  private static void setAttributes(int dirfd, byte[] name, LayerEntry.Attributes attributes) {
    check(Linux.fchownat(dirfd, name, attributes.uid(), attributes.gid()));
    int result = Linux.fchmodat(dirfd, name, attributes.mode());
    if (result != -Errno.EOPNOTSUPP) {
      // A symbolic link has no mode.
      check(result);
    }
    attributes
        .xattrs()
        .forEach(
            (key, value) -> check(Xattrs.set(dirfd, name, Names.bytes(key), Names.bytes(value))));
    check((int) attributes.times().set(dirfd, name));
  }

  /** An O_PATH descriptor, the caller's to close. */
  private int openDirectory(Location directory) {
    int fd = check(Linux.openat(rootFd, Names.bytes("."), WALK, 0));
    for (String name : directory.names()) {
      int next = check(Linux.openat(fd, Names.bytes(name), WALK, 0));
      Linux.close(fd);
      fd = next;
    }
    return fd;
  }

  private static int check(int result) {
    if (result < 0) {
      throw new AssertionError("cannot build a layer: " + Facts.result(result));
    }
    return result;
  }
}
