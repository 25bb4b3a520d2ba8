package dev.lamina.union;

import dev.lamina.sys.ErrnoException;
import dev.lamina.sys.NameHash;
import java.util.Arrays;

/**
 * A merged directory's entries at one moment: every visible name once, with the number that stat
 * shows for it. It never changes, so that any number of readers may share it, and lies in a few
 * arrays of the size that is needed.
 *
 * <p>Every entry has a cookie, made from its name, and entries are in the order of cookies. So a
 * reader may go on in a later snapshot of the same directory where it left off in another, and sees
 * each name that stayed exactly once. Cookies have 31 bits: 32-bit programs cannot take more.
 */
final class DirectorySnapshot {
  /** Smaller ones are for {@code .} and {@code ..}. */
  static final int FIRST_COOKIE = 3;

  /** Leaves 30 bits of a hash, so that cookies that had to give way stay positive. */
  private static final int HASH_SHIFT = 2;

  private final NameList names;
  private final long[] numbers;
  private final byte[] types;
  private final short[] sources;

  /** Indexes into the arrays above, in the order of cookies. */
  private final int[] order;

  private final int[] cookies;
  private final int version;

  /**
   * Takes over the arrays, see {@link DirectoryScan}.
   *
   * @param sources for each entry, the index among the directory's contributors of the one it is in
   * @param version of the directory, read before it was listed
   */
  DirectorySnapshot(NameList names, long[] numbers, byte[] types, short[] sources, int version) {
    this.names = names;
    this.numbers = numbers;
    this.types = types;
    this.sources = sources;
    this.version = version;
    int count = names.size();
    order = new int[count];
    cookies = new int[count];
    long[] sorted = new long[count];
    for (int i = 0; i < count; i++) {
      int start = names.offset(i);
      int hash = NameHash.of(names.bytes(), start, start + names.length(i));
      sorted[i] = (long) (hash >>> HASH_SHIFT) << Integer.SIZE | i;
    }
    Arrays.sort(sorted);
    int last = FIRST_COOKIE - 1;
    for (int i = 0; i < count; i++) {
      order[i] = (int) sorted[i];
      // Names with the same hash follow each other.
      last = Math.max(last + 1, FIRST_COOKIE + (int) (sorted[i] >>> Integer.SIZE));
      cookies[i] = last;
    }
  }

  /** True when users see nothing in the directory. */
  static boolean isEmpty(Inode directory) throws ErrnoException {
    return new DirectoryScan(null).isEmpty(directory);
  }

  /**
   * Lists a directory, in time linear in the number of entries. One that has been removed has none.
   *
   * @throws ErrnoException with the errno of getdents64(2)
   */
  static DirectorySnapshot of(Union union, Lookup lookup, Inode directory) throws ErrnoException {
    return new DirectoryScan(union).list(lookup, directory);
  }

  int size() {
    return names.size();
  }

  /** The array that holds all names. */
  byte[] names() {
    return names.bytes();
  }

  int nameOffset(int index) {
    return names.offset(order[index]);
  }

  int nameLength(int index) {
    return names.length(order[index]);
  }

  /** The inode number that stat shows. */
  long number(int index) {
    return numbers[order[index]];
  }

  /** {@code S_IF} type. */
  int type(int index) {
    return DirectoryScan.unpackType(types[order[index]]);
  }

  /** The index among the directory's contributors, at {@link #version}, of the one it is in. */
  int source(int index) {
    return sources[order[index]];
  }

  /** The version of the directory that this shows, or one shortly before. */
  int version() {
    return version;
  }

  /** Where a reader goes on after an entry: greater than for every entry before it. */
  int cookie(int index) {
    return cookies[index];
  }

  /** The first entry after a cookie. */
  int indexAfter(long cookie) {
    if (cookie >= Integer.MAX_VALUE) {
      return cookies.length;
    }
    int index = Arrays.binarySearch(cookies, (int) cookie);
    return index >= 0 ? index + 1 : -index - 1;
  }
}
