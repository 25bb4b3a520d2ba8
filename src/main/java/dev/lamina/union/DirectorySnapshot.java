package dev.lamina.union;

import dev.lamina.layer.MergedListing;
import dev.lamina.layer.NameList;
import dev.lamina.sys.NameHash;
import java.util.Arrays;

/**
 * A merged directory's entries at one moment: every visible name once, with the number that stat
 * shows for it. It never changes, so that any number of readers may share it, and lies in a few
 * arrays of the size that is needed.
 *
 * <p>Every entry has a cookie, made from its name alone ({@link CookieSlots} tells names of one
 * hash apart), and entries are in the order of cookies. So a reader may go on in a later snapshot
 * of the same directory where it left off in another, and sees each name that stayed exactly once.
 * Cookies have 31 bits: 32-bit programs cannot take more.
 */
final class DirectorySnapshot {
  /**
   * The lowest bits of a cookie tell names apart of whose hashes the 28 highest bits are the same.
   * They are of the hash as well unless two names have the whole of that in common.
   */
  static final int SLOT_BITS = 3;

  /** {@link MergedListing#types}. */
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
   * What a listing shows, at one time.
   *
   * @param listing gives its list of names away
   * @param numbers that users see, by the listing's indexes; taken over
   * @param version of the directory, read before it was listed
   * @param slots which of the cookies of one hash its names have
   * @param previous an earlier one of the same directory, or null
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
   * The cookie that a name has unless another one has it already. The smallest are for {@code .}
   * and {@code ..}.
   */
  private static int preferred(byte[] array, int from, int to) {
    return Math.max(CookieSlots.COUNT, NameHash.of(array, from, to) >>> 1);
  }

  private static int hash(long sorted) {
    return (int) (sorted >>> Integer.SIZE + SLOT_BITS);
  }

  private static int slot(long sorted) {
    return (int) (sorted >>> Integer.SIZE) & CookieSlots.COUNT - 1;
  }

  private static int[] preferredSlots(long[] sorted, int start, int end) {
    return Arrays.stream(sorted, start, end).mapToInt(DirectorySnapshot::slot).toArray();
  }

  /** More names of one hash than slots take the cookies that follow. */
  private int cookie(int hash, int slot, int index) {
    int own = hash << SLOT_BITS | slot;
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

  /** The slot that a name has here; negative where there is no such name. */
  private int slot(int hash, byte[] name) {
    int first = hash << SLOT_BITS;
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
    return types[order[index]] << TYPE_SHIFT;
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
