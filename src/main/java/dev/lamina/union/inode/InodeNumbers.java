package dev.lamina.union.inode;

import java.util.Arrays;

/**
 * The inode numbers that users see. They are unique in the mount, never 0, and depend on nothing
 * but the layers and their order.
 *
 * <p>If all layers are on one file system, its numbers are shown. Otherwise each file system has an
 * index, in the order of the layers, which is put into the highest of 32 bits: larger numbers make
 * the calls of 32-bit programs fail (EOVERFLOW, even for a whole getdents(2)), so they are avoided
 * as long as the numbers leave room. A number without that room gets the index in the upper 16 of
 * 64 bits, as overlayfs does for all numbers with {@code xino=on}. A number that uses those bits
 * itself is hashed instead, and so are the numbers of file systems that are not a layer's own:
 * those of subvolumes and of what is mounted below a layer.
 */
public final class InodeNumbers {
  private static final int INDEX_SHIFT = 48;
  private static final int SMALL = 32;

  private final Xino xino;

  /** The device numbers of the layers, topmost first, each once. */
  private final long[] devices;

  /** The number of bits that a small number has beside the index. */
  private final int smallBits;

  /**
   * @param layerDevices the device numbers of the layers, topmost first
   */
  public InodeNumbers(Xino xino, long... layerDevices) {
    this.xino = xino;
    devices = distinct(layerDevices);
    smallBits = Integer.numberOfLeadingZeros(devices.length - 1);
  }

  /** Removes duplicates, without a stream: a mount would load its classes for this alone. */
  private static long[] distinct(long[] numbers) {
    long[] distinct = new long[numbers.length];
    int count = 0;
    for (long number : numbers) {
      int i = 0;
      while (i < count && distinct[i] != number) {
        i++;
      }
      if (i == count) {
        distinct[count++] = number;
      }
    }
    return Arrays.copyOf(distinct, count);
  }

  /** Returns the number that is shown for a real object. */
  public long number(long device, long ino) {
    int index = 0;
    while (index < devices.length && devices[index] != device) {
      index++;
    }
    if (index == devices.length) {
      return mixed(ino, Long.rotateLeft(device, INDEX_SHIFT));
    }
    if (devices.length == 1) {
      return ino == 0 ? 1 : ino;
    }
    if (ino >>> smallBits == 0 && xino != Xino.ON) {
      return ino | (long) index << smallBits;
    }
    if (xino == Xino.OFF) {
      return ino;
    }
    if (ino >>> INDEX_SHIFT != 0) {
      return mixed(ino, index);
    }
    // Without an index, the topmost file system's number could be taken for a small one of another.
    boolean isAmbiguous = index == 0 && ino >>> SMALL == 0 && xino != Xino.ON;
    return ino | (long) (isAmbiguous ? devices.length : index) << INDEX_SHIFT;
  }

  /** Hashes a number; those of different file systems are equal only by chance, 1 in 2^64. */
  private static long mixed(long ino, long fileSystem) {
    long mixed = mix(mix(ino) + fileSystem);
    return mixed == 0 ? 1 : mixed;
  }

  /** The 64-bit finalizer of MurmurHash3, a bijection. */
  private static long mix(long value) {
    long mixed = value;
    mixed = (mixed ^ mixed >>> 33) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ mixed >>> 33;
  }
}
