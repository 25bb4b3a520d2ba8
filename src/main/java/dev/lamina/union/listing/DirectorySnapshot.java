package dev.lamina.union.listing;

import dev.lamina.layer.MergedListing;
import dev.lamina.layer.NameList;
import dev.lamina.sys.NameHash;
import java.util.Arrays;

/**
 * The entries of a merged directory at one moment: every visible name once, with the inode number
 * that stat shows for it. A snapshot never changes, so any number of readers may share it. It
 * consists of a few arrays without spare room.
 *
 * <p>Every entry has a cookie, which depends only on its name ({@link CookieSlots} distinguishes
 * names with the same hash), and the entries are in the order of their cookies. A reader may
 * therefore continue in a later snapshot of the same directory where it stopped in an earlier one,
 * and sees each name that is in both exactly once. Cookies have 31 bits, since 32-bit programs
 * cannot handle more.
 */
final class DirectorySnapshot {
  /** The position of the bits of {@link MergedListing#types} in a mode. */
  private static final int TYPE_SHIFT = 12;

  private final NameList names;
  private final long[] numbers;
  private final byte[] types;
  private final short[] sources;

  /** Indexes into the arrays above, in the order of cookies. */
  private final int[] order;

  private final int[] cookies;
  private final int version;

  /**
   * Makes a snapshot of a listing.
   *
   * @param listing the listing, whose list of names is taken over
   * @param numbers the inode numbers that users see, by the listing's indexes; taken over
   * @param version the version of the directory before it was listed
   * @param slots the slots of the directory's names
   * @param previous an earlier snapshot of the same directory, or null
   */
  DirectorySnapshot(
      MergedListing listing,
      long[] numbers,
      int version,
      CookieSlots.OfDirectory slots,
      DirectorySnapshot previous) {
    names = listing.names();
    names.trim();
    types = listing.types();
    sources = listing.sources();
    this.numbers = numbers;
    this.version = version;
    int count = names.size();
    order = new int[count];
    cookies = new int[count];
    long[] sorted = new long[count];
    for (int i = 0; i < count; i++) {
      int start = names.offset(i);
      int cookie = preferred(names.bytes(), start, start + names.length(i));
      sorted[i] = (long) cookie << Integer.SIZE | i;
    }
    Arrays.sort(sorted);
    int start = 0;
    while (start < count) {
      int hash = hash(sorted[start]);
      int end = start + 1;
      while (end < count && hash(sorted[end]) == hash) {
        end++;
      }
      if (end - start > 1 || slots.has(hash)) {
        sortBySlot(
            sorted,
            start,
            end,
            slots.assign(
                hash,
                names(sorted, start, end),
                slots(previous, hash, sorted, start, end),
                preferredSlots(sorted, start, end)));
      } else {
        order[start] = (int) sorted[start];
        cookies[start] = cookie(hash, slot(sorted[start]), start);
      }
      start = end;
    }
    slots.close();
  }

  /**
   * Returns the cookie that a name has unless another name has it already. The smallest cookies are
   * those of {@code .} and {@code ..}.
   */
  private static int preferred(byte[] array, int from, int to) {
    return Math.max(CookieSlots.COUNT, NameHash.of(array, from, to) >>> 1);
  }

  private static int hash(long sorted) {
    return (int) (sorted >>> Integer.SIZE + CookieSlots.BITS);
  }

  private static int slot(long sorted) {
    return (int) (sorted >>> Integer.SIZE) & CookieSlots.COUNT - 1;
  }

  private static int[] preferredSlots(long[] sorted, int start, int end) {
    return Arrays.stream(sorted, start, end).mapToInt(DirectorySnapshot::slot).toArray();
  }

  /** Returns a cookie; if a hash has more names than slots, the following cookies are used. */
  private int cookie(int hash, int slot, int index) {
    int own = hash << CookieSlots.BITS | slot;
    return index == 0 ? own : Math.max(own, cookies[index - 1] + 1);
  }

  private byte[][] names(long[] sorted, int start, int end) {
    byte[][] group = new byte[end - start][];
    for (int i = start; i < end; i++) {
      group[i - start] = names.name((int) sorted[i]);
    }
    return group;
  }

  private int[] slots(DirectorySnapshot previous, int hash, long[] sorted, int start, int end) {
    int[] slots = new int[end - start];
    for (int i = start; i < end; i++) {
      byte[] name = names.name((int) sorted[i]);
      slots[i - start] = previous == null ? -1 : previous.slot(hash, name);
    }
    return slots;
  }

  /** Returns the slot of a name in this snapshot; a negative number if there is no such name. */
  private int slot(int hash, byte[] name) {
    int first = hash << CookieSlots.BITS;
    for (int i = indexAfter(first - 1L);
        i < cookies.length && cookies[i] - first < CookieSlots.COUNT;
        i++) {
      if (Arrays.equals(names.name(order[i]), name)) {
        return cookies[i] - first;
      }
    }
    return -1;
  }

  private void sortBySlot(long[] sorted, int start, int end, int[] slots) {
    long[] group = new long[end - start];
    for (int i = 0; i < group.length; i++) {
      group[i] = (long) slots[i] << Integer.SIZE | (int) sorted[start + i];
    }
    Arrays.sort(group);
    for (int i = 0; i < group.length; i++) {
      order[start + i] = (int) group[i];
      cookies[start + i] =
          cookie(hash(sorted[start]), (int) (group[i] >>> Integer.SIZE), start + i);
    }
  }

  /** Returns the number of entries. */
  int size() {
    return names.size();
  }

  /** Returns the array that holds all names. */
  byte[] names() {
    return names.bytes();
  }

  int nameOffset(int index) {
    return names.offset(order[index]);
  }

  int nameLength(int index) {
    return names.length(order[index]);
  }

  /** Returns the inode number that stat shows for an entry. */
  long number(int index) {
    return numbers[order[index]];
  }

  /** Returns the {@code S_IF} type of an entry. */
  int type(int index) {
    return types[order[index]] << TYPE_SHIFT;
  }

  /** Returns the index of the real directory that an entry is in, as of {@link #version}. */
  int source(int index) {
    return sources[order[index]];
  }

  /** Returns the version of the directory that this shows, or a slightly earlier one. */
  int version() {
    return version;
  }

  /** Returns the cookie at which a reader continues after an entry; cookies increase. */
  int cookie(int index) {
    return cookies[index];
  }

  /** Returns the index of the first entry after a cookie. */
  int indexAfter(long cookie) {
    if (cookie >= Integer.MAX_VALUE) {
      return cookies.length;
    }
    int index = Arrays.binarySearch(cookies, (int) cookie);
    return index >= 0 ? index + 1 : -index - 1;
  }
}
