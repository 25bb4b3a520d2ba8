package dev.lamina.union;

import java.util.Arrays;

/**
 * The inode numbers that users see: unique in the mount, never 0.
 *
 * <p>Layers on one file system show its own numbers. Each further file system gets an index in the
 * upper 16 bits, as overlayfs does with {@code xino}; a number that uses those bits itself is mixed
 * instead.
 */
final class InodeNumbers {
  private static final int INDEX_SHIFT = 48;

  private volatile long[] devices;

  /**
   * @param device of the topmost layer, whose numbers are shown as they are
   */
  InodeNumbers(long device) {
    devices = new long[] {device};
  }

  /** The number shown for a real object. */
  long number(long device, long ino) {
    int index = index(device);
    if (ino >>> INDEX_SHIFT == 0) {
      return ino | (long) index << INDEX_SHIFT;
    }
    // The 64-bit finalizer of MurmurHash3, a bijection: equal only by chance, 1 in 2^64.
    long mixed = ino ^ (long) index << INDEX_SHIFT;
    mixed = (mixed ^ mixed >>> 33) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
    mixed ^= mixed >>> 33;
    return mixed == 0 ? 1 : mixed;
  }

  private int index(long device) {
    long[] known = devices;
    for (int i = 0; i < known.length; i++) {
      if (known[i] == device) {
        return i;
      }
    }
    return add(device);
  }

  private synchronized int add(long device) {
    int length = devices.length;
    for (int i = 0; i < length; i++) {
      if (devices[i] == device) {
        return i;
      }
    }
    long[] more = Arrays.copyOf(devices, length + 1);
    more[length] = device;
    devices = more;
    return length;
  }
}
