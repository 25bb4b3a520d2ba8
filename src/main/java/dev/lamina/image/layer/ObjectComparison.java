package dev.lamina.image.layer;

import dev.lamina.image.tar.Xattr;
import dev.lamina.layer.Place;
import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.NativeMemory;
import dev.lamina.sys.Stat;
import java.util.Arrays;

/**
 * Compares an object of one tree with the object of the same path in another by what counts in an
 * image: type, mode, owner, modification time, extended attributes and contents. One thread uses it
 * and closes it.
 */
final class ObjectComparison implements AutoCloseable {
  private final boolean linksCount;
  private final ObjectReader reader;
  private final NativeMemory newerMemory = new NativeMemory(ObjectData.CHUNK);
  private final NativeMemory olderMemory = new NativeMemory(ObjectData.CHUNK);
  private final byte[] newerChunk = new byte[ObjectData.CHUNK];
  private final byte[] olderChunk = new byte[ObjectData.CHUNK];

  /**
   * @param linksCount whether an object with several names is the same only if it is the same
   *     inode, since there is no way to tell whether both have the same names
   * @param reader is not closed
   */
  ObjectComparison(boolean linksCount, ObjectReader reader) {
    this.linksCount = linksCount;
    this.reader = reader;
  }

  boolean areSame(TreeObject newer, TreeObject older) throws ErrnoException {
    if (newer.isInode(older)) {
      return true;
    }
    Stat one = newer.stat();
    Stat other = older.stat();
    if (!haveSameAttributes(one, other) || !haveSameLinks(one, other)) {
      return false;
    }
    if (!Xattr.areSame(reader.xattrs(newer), reader.xattrs(older))) {
      return false;
    }
    if (one.isSymlink()) {
      return Arrays.equals(reader.linkTarget(newer), reader.linkTarget(older));
    }
    return !one.isRegular() || one.size == 0 || haveSameData(newer, older);
  }

  private static boolean haveSameAttributes(Stat one, Stat other) {
    return one.mode == other.mode
        && one.uid == other.uid
        && one.gid == other.gid
        && one.mtimeSeconds == other.mtimeSeconds
        && one.mtimeNanos == other.mtimeNanos
        && one.rdev == other.rdev
        && (one.size == other.size || one.isDirectory());
  }

  private boolean haveSameLinks(Stat one, Stat other) {
    return one.isDirectory() || one.nlink == other.nlink && (one.nlink == 1 || !linksCount);
  }

  private boolean haveSameData(TreeObject newer, TreeObject older) throws ErrnoException {
    // The data of a metacopy whose attributes were changed back need not be read.
    if (isSamePlace(newer, older)) {
      return true;
    }
    long size = newer.stat().size;
    try (ObjectData one = ObjectData.open(newer, newerMemory);
        ObjectData other = ObjectData.open(older, olderMemory)) {
      long at = 0;
      while (at < size) {
        long hole = Math.min(one.holeEnd(at, size), other.holeEnd(at, size));
        if (hole > at) {
          at = hole;
          continue;
        }
        int length = (int) Math.min(ObjectData.CHUNK, size - at);
        int count = one.read(at, newerChunk, length);
        if (count < length || other.read(at, olderChunk, length) < length) {
          return false;
        }
        if (!Arrays.equals(newerChunk, 0, length, olderChunk, 0, length)) {
          return false;
        }
        at += length;
      }
      return true;
    }
  }

  private static boolean isSamePlace(TreeObject newer, TreeObject older) throws ErrnoException {
    Place one = newer.data();
    try {
      Place other = older.data();
      try {
        Stat first = new Stat();
        Stat second = new Stat();
        ErrnoException.check(one.directory().stat(one.name(), first));
        ErrnoException.check(other.directory().stat(other.name(), second));
        return first.ino == second.ino && first.dev == second.dev;
      } finally {
        other.directory().drop();
      }
    } finally {
      one.directory().drop();
    }
  }

  @Override
  public void close() {
    newerMemory.close();
    olderMemory.close();
  }
}
