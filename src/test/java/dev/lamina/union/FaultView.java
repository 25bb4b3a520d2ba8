package dev.lamina.union;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.DirectoryReply;
import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.Memory;
import dev.lamina.sys.Mode;
import dev.lamina.sys.Stat;
import dev.lamina.testing.Tree;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/** Shows a union in this process, or mounted directories, as text with a line for each path. */
final class FaultView {
  private static final int SIZE = 4096;

  private FaultView() {}

  /** Shows a union; a line contains an error if the listing has another inode number. */
  static Map<String, String> of(InProcess union) throws ErrnoException {
    Map<String, String> lines = new TreeMap<>();
    EntryReply root = new EntryReply();
    union.fileSystem.getattr(union.context, FuseFileSystem.ROOT, FuseFileSystem.NO_HANDLE, root);
    root.nodeid = FuseFileSystem.ROOT;
    add(union, root, "", lines);
    return lines;
  }

  private static void add(
      InProcess union, EntryReply object, String path, Map<String, String> lines)
      throws ErrnoException {
    Stat stat = object.stat;
    String content = "";
    if (stat.isSymlink()) {
      content =
          " -> "
              + filled(
                  (address) ->
                      union.fileSystem.readlink(union.context, object.nodeid, address, SIZE));
    } else if (stat.isRegular()) {
      long handle = union.open(object.nodeid, 0);
      content = " " + union.read(object.nodeid, handle);
      union.fileSystem.release(union.context, object.nodeid, handle);
    }
    if (stat.isRegular() || stat.isDirectory()) {
      content += FaultFlags.shown(union, object.nodeid);
    }
    Map<String, String> xattrs = new TreeMap<>();
    String names =
        filled(address -> union.fileSystem.listxattr(union.context, object.nodeid, address, SIZE));
    for (String name : names.split("\0")) {
      if (!name.isEmpty()) {
        byte[] bytes = name.getBytes(ISO_8859_1);
        xattrs.put(
            name,
            filled(
                address ->
                    union.fileSystem.getxattr(union.context, object.nodeid, bytes, address, SIZE)));
      }
    }
    lines.put(path, line(stat, xattrs, content));
    if (stat.isDirectory()) {
      Map<String, Long> entries = entries(union, object.nodeid);
      for (Map.Entry<String, Long> entry : entries.entrySet()) {
        EntryReply child = union.lookup(object.nodeid, entry.getKey());
        String below = path.isEmpty() ? entry.getKey() : path + "/" + entry.getKey();
        if (child.isNegative()) {
          lines.put(below, "listed and not found");
        } else {
          add(union, child, below, lines);
          if (child.stat.ino != entry.getValue()) {
            lines.merge(below, " listed as " + entry.getValue(), String::concat);
          }
          union.forget(child.nodeid);
        }
      }
    }
  }

  private static Map<String, Long> entries(InProcess union, long nodeid) throws ErrnoException {
    Map<String, Long> entries = new TreeMap<>();
    DirectoryReply reply =
        (array, offset, length, ino, type, next) -> {
          String name = new String(array, offset, length, ISO_8859_1);
          if (!name.equals(".") && !name.equals("..")) {
            entries.put(name, ino);
          }
          return true;
        };
    union.fileSystem.readdir(union.context, nodeid, FuseFileSystem.NO_HANDLE, 0, reply);
    return entries;
  }

  /** A call that fills native memory. */
  @FunctionalInterface
  private interface Filler {
    int fill(long address) throws ErrnoException;
  }

  private static String filled(Filler filler) throws ErrnoException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE);
    byte[] bytes = new byte[filler.fill(Memory.address(buffer))];
    buffer.get(bytes);
    Reference.reachabilityFence(buffer);
    return new String(bytes, ISO_8859_1);
  }

  /** Shows mounted directories, or a layer itself. */
  static Map<String, String> of(Tree tree) {
    Map<String, String> lines = new TreeMap<>();
    add(tree, "", lines);
    return lines;
  }

  private static void add(Tree tree, String path, Map<String, String> lines) {
    Stat stat = tree.stat(path);
    String content = "";
    if (stat.isSymlink()) {
      content = " -> " + tree.readlink(path);
    } else if (stat.isRegular()) {
      content = " " + tree.read(path);
    }
    if (stat.isRegular() || stat.isDirectory()) {
      content += FaultFlags.shown(tree, path);
    }
    lines.put(path, line(stat, tree.xattrs(path), content));
    if (stat.isDirectory()) {
      for (String name : tree.list(path)) {
        if (!name.equals(".") && !name.equals("..")) {
          add(tree, path.isEmpty() ? name : path + "/" + name, lines);
        }
      }
    }
  }

  private static String line(Stat stat, Map<String, String> xattrs, String content) {
    Map<String, String> shown = new TreeMap<>(xattrs);
    // Hints and numbers differ between the implementations (see differential.UpperImage).
    shown.keySet().removeIf(FaultView::isOwn);
    // Whiteouts may be links to one inode, which may be used again.
    boolean isWhiteout = stat.type() == Mode.S_IFCHR && stat.rdev == 0;
    boolean isOld = isWhiteout || stat.mtimeSeconds == FaultTree.OLD_SECONDS;
    boolean hasSize = !stat.isDirectory() && !isWhiteout;
    String size = hasSize ? " size " + stat.size + " links " + stat.nlink : "";
    return Integer.toOctalString(stat.mode)
        + " "
        + stat.uid
        + ":"
        + stat.gid
        + size
        + " rdev "
        + stat.rdev
        + (isOld ? " old " : " new ")
        + shown
        + content;
  }

  private static boolean isOwn(String name) {
    return name.equals("trusted.overlay.origin")
        || name.equals("trusted.overlay.impure")
        || name.equals("trusted.overlay.uuid")
        || name.startsWith("trusted.overlay.lamina");
  }
}
