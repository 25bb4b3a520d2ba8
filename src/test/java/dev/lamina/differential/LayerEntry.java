package dev.lamina.differential;

import dev.lamina.sys.Devices;
import dev.lamina.sys.Mode;
import java.util.List;
import java.util.Map;

/**
 * One object of a layer, in overlayfs' on-disk format.
 *
 * @param content what it is
 * @param attributes null for what shares or needs none: a hard link, a whiteout
 */
record LayerEntry(Location at, Content content, Attributes attributes) {
  /** What an object is, apart from its attributes. */
  sealed interface Content permits Directory, Data, HardLink, SymbolicLink, Special, Whiteout {}

  /** A directory; an opaque one hides what the layers below have in it. */
  record Directory(boolean opaque) implements Content {
    @Override
    public String toString() {
      return opaque ? "opaque-dir" : "dir";
    }
  }

  /** A file of {@code size} bytes: the pieces, and holes between them. */
  record Data(long size, List<Piece> pieces) implements Content {
    @Override
    public String toString() {
      return "file size=" + size + " data=" + pieces;
    }
  }

  /** Bytes that count up from {@code first}. */
  record Piece(long offset, int size, int first) {
    @Override
    public String toString() {
      return offset + "+" + size;
    }
  }

  /** Another name of a file of the same layer. */
  record HardLink(Location target) implements Content {
    @Override
    public String toString() {
      return "hard link to " + target;
    }
  }

  record SymbolicLink(String target) implements Content {
    @Override
    public String toString() {
      return "symlink to " + Names.print(target);
    }
  }

  /** A fifo, socket or device. */
  record Special(int type, long dev) implements Content {
    @Override
    public String toString() {
      return FileFacts.typeName(type) + " " + Devices.major(dev) + ":" + Devices.minor(dev);
    }
  }

  /** A character device 0:0, which hides the name in the layers below. */
  record Whiteout() implements Content {
    @Override
    public String toString() {
      return "whiteout";
    }
  }

  /** Owner, mode, times and extended attributes (the values' characters are bytes). */
  record Attributes(int mode, int uid, int gid, Times times, Map<String, String> xattrs) {
    @Override
    public String toString() {
      String printed = String.format("%04o %d:%d %s", mode & Mode.PERMISSIONS, uid, gid, times);
      StringBuilder text = new StringBuilder(printed);
      xattrs.forEach((k, v) -> text.append(' ').append(k).append('=').append(Names.print(v)));
      return text.toString();
    }
  }

  @Override
  public String toString() {
    return at + "  " + content + (attributes == null ? "" : "  " + attributes);
  }
}
