package dev.lamina.differential;

import dev.lamina.sys.Linux;
import dev.lamina.sys.Mode;
import dev.lamina.sys.OpenFlags;
import dev.lamina.sys.Stat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * All there is in a tree: every file's attributes, extended attributes, data and identity (which
 * other names it has), by printed path.
 */
final class TreeImage {
  private static final int READ = OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK;

  private final SortedMap<String, Facts> files = new TreeMap<>();
  private final Map<String, Long> inodes = new HashMap<>();
  private final Map<Long, String> firstNames = new HashMap<>();
  private final FileFacts reader;
  private final Predicate<String> wantedXattrs;
  private final boolean layer;

  private TreeImage(FileFacts reader, Predicate<String> wantedXattrs, boolean layer) {
    this.reader = reader;
    this.wantedXattrs = wantedXattrs;
    this.layer = layer;
  }

  /** A tree as processes see it. */
  static TreeImage ofView(int rootFd, FileFacts reader) {
    TreeImage image = new TreeImage(reader, name -> true, false);
    image.add(Location.ROOT, rootFd, Names.bytes("."), null);
    return image;
  }

  /**
   * A layer as it is on disk: a whiteout is only that, as its attributes mean nothing.
   *
   * @param wantedXattrs those that are to be compared
   */
  static TreeImage ofLayer(int rootFd, FileFacts reader, Predicate<String> wantedXattrs) {
    TreeImage image = new TreeImage(reader, wantedXattrs, true);
    image.add(Location.ROOT, rootFd, Names.bytes("."), null);
    return image;
  }

  SortedMap<String, Facts> files() {
    return files;
  }

  /** Inode numbers by path: to compare with those of the same tree at another time. */
  Map<String, Long> inodes() {
    return inodes;
  }

  /** A view is read as processes read it; looking at a layer must not change it. */
  private int readFlags() {
    return layer ? READ | OpenFlags.O_NOATIME : READ;
  }

  private void add(Location at, int dirfd, byte[] name, Directories.Entry entry) {
    Stat stat = new Stat();
    String path = at.toString();
    int result = Linux.statx(dirfd, name, stat);
    if (result < 0) {
      files.put(path, Facts.ofResult(result));
      return;
    }
    if (layer && stat.type() == Mode.S_IFCHR && stat.rdev == 0) {
      files.put(path, new Facts().put("type", "whiteout"));
      return;
    }
    Facts facts = FileFacts.stat(stat);
    files.put(path, facts);
    inodes.put(path, stat.ino);
    facts.put("same-file-as", firstNames.computeIfAbsent(stat.ino, ino -> path));
    if (entry != null) {
      facts.put("dirent-ino", entry.ino() == stat.ino ? "yes" : "no");
      facts.put("dirent-type", FileFacts.typeName(entry.type()));
    }
    addXattrs(dirfd, name, facts);
    switch (stat.type()) {
      case Mode.S_IFLNK -> facts.put("target", reader.linkTarget(dirfd, name));
      case Mode.S_IFREG -> addData(dirfd, name, stat, facts);
      case Mode.S_IFDIR -> addEntries(at, dirfd, name, facts);
      default -> {}
    }
  }

  private void addXattrs(int dirfd, byte[] name, Facts facts) {
    TreeSet<String> names = reader.xattrNames(dirfd, name, facts, wantedXattrs);
    if (names != null) {
      for (String attribute : names) {
        facts.put("xattr " + Names.print(attribute), reader.xattr(dirfd, name, attribute));
      }
    }
  }

  private void addData(int dirfd, byte[] name, Stat stat, Facts facts) {
    int fd = Linux.openat(dirfd, name, readFlags(), 0);
    if (fd < 0) {
      facts.put("data", Facts.result(fd));
      return;
    }
    facts.put("data", reader.data(fd, 0, stat.size + 1));
    Linux.close(fd);
  }

  private void addEntries(Location at, int dirfd, byte[] name, Facts facts) {
    int fd = Linux.openat(dirfd, name, readFlags() | OpenFlags.O_DIRECTORY, 0);
    if (fd < 0) {
      facts.put("entries", Facts.result(fd));
      return;
    }
    List<Directories.Entry> entries = new ArrayList<>();
    long result = Directories.read(fd, entries);
    if (result < 0) {
      facts.put("entries", Facts.result(result));
    }
    for (Directories.Entry entry : entries) {
      add(at.child(entry.name()), fd, Names.bytes(entry.name()), entry);
    }
    Linux.close(fd);
  }
}
