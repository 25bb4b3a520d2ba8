package dev.lamina.union;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Which of the cookies of one hash each name has, where several names of a directory have the same.
 * What was given to a name stays its own for as long as the directory is known, whichever of the
 * others come and go: a reader that stopped between two of them goes on with the right one.
 *
 * <p>Such names are rare, so this holds next to nothing: 16,000 names of a directory have two of
 * one hash, as likely as not.
 */
final class CookieSlots {
  /** Cookies that one hash has. Nine names with the same are not to be expected anywhere. */
  static final int COUNT = 1 << DirectorySnapshot.SLOT_BITS;

  /** Hashes remembered for a directory before those that are of no use any more are dropped. */
  private static final int MOST_UNUSED = 64;

  /** By directory and hash, the names by slot. */
  private final Map<Inode, Map<Integer, byte[][]>> all = new WeakHashMap<>();

  /** Those of one directory, for one listing. */
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

  /** For one thread. */
  final class OfDirectory {
    private final Inode directory;
    private final Map<Integer, byte[][]> known;
    private final Map<Integer, byte[][]> used = new HashMap<>();

    private OfDirectory(Inode directory, Map<Integer, byte[][]> known) {
      this.directory = directory;
      this.known = known;
    }

    /** True when names of that hash have slots that are remembered. */
    boolean has(int hash) {
      return !known.isEmpty() && known.containsKey(hash);
    }

    /**
     * Gives every one of the names with a hash a slot.
     *
     * @param names all that there are in the directory now
     * @param previous the slots that they had in an earlier listing, negative where they were not
     *     in it
     * @param preferred the slots that they have where these are free
     * @return the slots; equal ones only when there are more names than slots
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

    /** The listing is done: what it has assigned is remembered. */
    void close() {
      if (!used.isEmpty()) {
        keep(directory, used, known.size() > 2 * used.size() + MOST_UNUSED);
      }
    }
  }
}
