package dev.lamina.union;

import java.util.Arrays;

/**
 * The inode numbers that users see: unique in the mount, never 0, and dependent on the layers and
 * their order alone.
 *
 * <p>Where all layers are on one file system they are that one's. Otherwise a file system's index,
 * in the order of the layers, goes into the highest of 32 bits: a program of 32 bits, whose calls
 * fail for a larger number (EOVERFLOW, as the whole getdents(2) does), can still use what numbers
 * below 2^32 leave room for. A number without that room gets the index in the upper 16 bits of 64,
 * as overlayfs gives it to all with {@code xino=on}. One that uses those bits itself is mixed
 * instead, and so are those of file systems that are no layer's own: subvolumes and what is mounted
 * below a layer.
 */
final class InodeNumbers {
  private static final int INDEX_SHIFT = 48;
  private static final int SMALL = 32;

  private final Xino xino;

  /** Of the layers, topmost first, each once. */
  private final long[] devices;

  /** How many bits a small number has beside the index. */
  private final int room;

  /**
   * @param layerDevices of the layers, topmost first
   */
  InodeNumbers(Xino xino, long... layerDevices) {
    this.xino = xino;
    devices = distinct(layerDevices);
    room = Integer.numberOfLeadingZeros(devices.length - 1);
  }

  /** Without a stream, whose classes nothing else needs when a mount starts. */
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

  /** The number shown for a real object. */
  long number(long device, long ino) {
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
    if (ino >>> room == 0 && xino != Xino.ON) {
      return ino | (long) index << room;
    }
    if (xino == Xino.OFF) {
      return ino;
    }
    if (ino >>> INDEX_SHIFT != 0) {
      return mixed(ino, index);
    }
    // Without one the topmost file system's would be a small number of another's.
    boolean isAmbiguous = index == 0 && ino >>> SMALL == 0 && xino != Xino.ON;
    return ino | (long) (isAmbiguous ? devices.length : index) << INDEX_SHIFT;
  }

  /** Of different file systems, equal only by chance: 1 in 2^64. */
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
