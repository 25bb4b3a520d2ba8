package dev.lamina.layer;

import dev.lamina.sys.NameHash;
import java.util.Arrays;

/** A list of names in one array. With an index it is a set. */
public final class NameList {
  private static final int EMPTY_SLOT = -1;
  private static final int FIRST_SLOTS = 64;

  private byte[] bytes = new byte[1024];
  private int[] ends = new int[32];
  private int count;

  /** The indexes of names by hash, with open addressing; null for a list that is not a set. */
  private int[] slots;

  /**
   * @param indexed whether {@link #add} refuses names that are in the list; otherwise the caller
   *     makes sure that there are no duplicates
   */
  public NameList(boolean indexed) {
    if (indexed) {
      slots = newSlots(FIRST_SLOTS);
    }
  }

  public int size() {
    return count;
  }

  /** Returns the array that contains all names, which the list still uses. */
  public byte[] bytes() {
    return bytes;
  }

  public int offset(int index) {
    return index == 0 ? 0 : ends[index - 1];
  }

  public int length(int index) {
    return ends[index] - offset(index);
  }

  public byte[] name(int index) {
    return Arrays.copyOfRange(bytes, offset(index), ends[index]);
  }

  /**
   * Adds a name from a part of an array; returns false, without adding it, if it is in the list
   * already.
   */
  public boolean add(byte[] array, int from, int length) {
    if (slots != null && !claim(array, from, length)) {
      return false;
    }
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, 2 * count);
    }
    int start = offset(count);
    if (start + length > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, start + length));
    }
    System.arraycopy(array, from, bytes, start, length);
    ends[count++] = start + length;
    return true;
  }

  /** Enters the name to be added in the index; returns false if it is there already. */
  private boolean claim(byte[] array, int from, int length) {
    if (2 * (count + 1) > slots.length) {
      grow();
    }
    int mask = slots.length - 1;
    int at = NameHash.of(array, from, from + length) & mask;
    while (slots[at] != EMPTY_SLOT) {
      int other = slots[at];
      if (Arrays.equals(bytes, offset(other), ends[other], array, from, from + length)) {
        return false;
      }
      at = at + 1 & mask;
    }
    slots[at] = count;
    return true;
  }

  private void grow() {
    slots = newSlots(2 * slots.length);
    int mask = slots.length - 1;
    for (int i = 0; i < count; i++) {
      int at = NameHash.of(bytes, offset(i), ends[i]) & mask;
      while (slots[at] != EMPTY_SLOT) {
        at = at + 1 & mask;
      }
      slots[at] = i;
    }
  }

  private static int[] newSlots(int length) {
    int[] slots = new int[length];
    Arrays.fill(slots, EMPTY_SLOT);
    return slots;
  }

  /** Releases memory that only adding needs; no more names may be added. */
  public void trim() {
    slots = null;
    bytes = Arrays.copyOf(bytes, offset(count));
    ends = Arrays.copyOf(ends, count);
  }
}
