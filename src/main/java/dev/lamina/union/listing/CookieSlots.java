package dev.lamina.union.listing;

import dev.lamina.union.inode.Inode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Assigns slots to names of a directory that have the same hash. A cookie consists of the hash of a
 * name and its slot. A name keeps its slot as long as the directory is known, even if other names
 * with the hash come and go, so that a reader that stopped between two of them continues with the
 * right one.
 *
 * <p>Such names are rare, so little is stored here: among 16,000 names of a directory, the chance
 * that two have the same hash is one half.
 */
final class CookieSlots {
  /**
   * The number of bits of a slot, the lowest bits of a cookie. They distinguish names whose hashes
   * have the same 28 highest bits, and are bits of the hash as well unless two names have the same
   * hash entirely.
   */
  static final int BITS = 3;

  /** The number of slots of one hash. A ninth name with the same hash is not to be expected. */
  static final int COUNT = 1 << BITS;

  /** The number of unused hashes of a directory that are remembered before they are dropped. */
  private static final int MOST_UNUSED = 64;

  /** The names by directory, hash and slot. */
  private final Map<Inode, Map<Integer, byte[][]>> all = new WeakHashMap<>();

  /** Returns the slots of one directory, for one listing. */
  synchronized OfDirectory of(Inode directory) {
    return new OfDirectory(directory, new HashMap<>(all.getOrDefault(directory, Map.of())));
  }

  private synchronized void keep(
      Inode directory, Map<Integer, byte[][]> used, boolean dropsOthers) {
    if (dropsOthers) {
      all.put(directory, used);
    } else {
      all.computeIfAbsent(directory, key -> new HashMap<>()).putAll(used);
    }
  }

  /** The slots of one directory, for use by one thread. */
  final class OfDirectory {
    private final Inode directory;
    private final Map<Integer, byte[][]> known;
    private final Map<Integer, byte[][]> used = new HashMap<>();

    private OfDirectory(Inode directory, Map<Integer, byte[][]> known) {
      this.directory = directory;
      this.known = known;
    }

    /** Returns whether the slots of names with a hash are remembered. */
    boolean has(int hash) {
      return !known.isEmpty() && known.containsKey(hash);
    }

    /**
     * Assigns a slot to each name with a hash.
     *
     * @param names all names in the directory that have the hash
     * @param previous their slots in an earlier listing; negative for a name that was not in it
     * @param preferred the slots that they get if these are free
     * @return their slots, which are different unless there are more names than slots
     */
    int[] assign(int hash, byte[][] names, int[] previous, int[] preferred) {
      byte[][] old = known.getOrDefault(hash, new byte[COUNT][]);
      byte[][] owners = new byte[COUNT][];
      int[] slots = new int[names.length];
      Arrays.fill(slots, -1);
      for (int i = 0; i < names.length; i++) {
        int slot = indexOf(old, names[i]);
        claim(owners, slots, names, i, slot < 0 ? previous[i] : slot);
      }
      for (int i = 0; i < names.length; i++) {
        if (slots[i] < 0) {
          claim(owners, slots, names, i, preferred[i]);
        }
      }
      int next = 0;
      for (int i = 0; i < names.length; i++) {
        while (slots[i] < 0 && next < COUNT - 1 && owners[next] != null) {
          next++;
        }
        if (slots[i] < 0) {
          claim(owners, slots, names, i, next);
          slots[i] = next;
        }
      }
      used.put(hash, owners);
      return slots;
    }

    private static void claim(byte[][] owners, int[] slots, byte[][] names, int index, int slot) {
      if (slot >= 0 && owners[slot] == null) {
        owners[slot] = names[index];
        slots[index] = slot;
      }
    }

    private static int indexOf(byte[][] names, byte[] name) {
      for (int i = 0; i < names.length; i++) {
        if (Arrays.equals(names[i], name)) {
          return i;
        }
      }
      return -1;
    }

    /** Remembers the slots that were assigned, at the end of the listing. */
    void close() {
      if (!used.isEmpty()) {
        keep(directory, used, known.size() > 2 * used.size() + MOST_UNUSED);
      }
    }
  }
}
