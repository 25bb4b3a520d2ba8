package dev.lamina.layer;

import dev.lamina.sys.NameHash;
import java.util.Arrays;

/** Names one after the other in one array; with an index, as a set. */
public final class NameList {
  private static final int EMPTY_SLOT = -1;
  private static final int FIRST_SLOTS = 64;

  private byte[] bytes = new byte[1024];
  private int[] ends = new int[32];
  private int count;

  /** Indexes of names by hash, open-addressed; null for a list that is no set. */
  private int[] slots;

  /**
   * @param indexed whether {@link #add} refuses names that are there; without that, whoever adds
   *     knows that there are no such
   */
  public NameList(boolean indexed) {
    if (indexed) {
      slots = newSlots(FIRST_SLOTS);
    }
  }

  public int size() {
    return count;
  }

  /** The array that holds all names; the list's own. */
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

  /** Adds a part of an array; false, and nothing added, when the name is there already. */
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

  /** Enters the name about to be added in the index; false when it is there already. */
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

  /** Gives back what is only needed for adding; nothing may be added any more. */
  public void trim() {
    slots = null;
    bytes = Arrays.copyOf(bytes, offset(count));
    ends = Arrays.copyOf(ends, count);
  }
}
