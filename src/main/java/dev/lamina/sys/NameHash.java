package dev.lamina.sys;

import java.security.SecureRandom;

/**
 * Computes hashes of file names for tables in memory: SipHash-1-3 (Aumasson and Bernstein) with a
 * random key of the process. Users choose names, and without the key they cannot choose names that
 * all fall into one bucket.
 *
 * <p>A hash is valid in this process only.
 */
public final class NameHash {
  private static final long[] KEY = drawKey();

  private NameHash() {}

  /**
   * Reads the key with getrandom(2): Java's own generators take long to load, which would delay
   * every mount.
   */
  private static long[] drawKey() {
    long struct = Scratch.get().struct();
    int size = 2 * Long.BYTES;
    if (LibC.call(SystemCall.GETRANDOM, struct, size, 0, 0, 0) == size) {
      return new long[] {Memory.getLong(struct), Memory.getLong(struct + Long.BYTES)};
    }
    SecureRandom random = new SecureRandom();
    return new long[] {random.nextLong(), random.nextLong()};
  }

  /** Returns the hash of a whole name. */
  public static int of(byte[] name) {
    return of(name, 0, name.length);
  }

  /**
   * Returns the hash of a part of an array.
   *
   * @param from the index of the first byte
   * @param to the index after the last byte
   */
  public static int of(byte[] a, int from, int to) {
    long hash = sipHash(KEY[0], KEY[1], a, from, to);
    return (int) (hash ^ hash >>> 32);
  }

  static long sipHash(long key0, long key1, byte[] a, int from, int to) {
    long v0 = key0 ^ 0x736f6d6570736575L;
    long v1 = key1 ^ 0x646f72616e646f6dL;
    long v2 = key0 ^ 0x6c7967656e657261L;
    long v3 = key1 ^ 0x7465646279746573L;
    // There is one round for every eight bytes, the last of which are padded with the length, and
    // then three more.
    int words = (to - from) / Long.BYTES + 1;
    for (int i = 0; i < words + 3; i++) {
      long word = i < words ? word(a, from + i * Long.BYTES, to, to - from) : 0;
      if (i == words) {
        v2 ^= 0xff;
      }
      v3 ^= word;
      v0 += v1;
      v2 += v3;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 = Long.rotateLeft(v2, 32);
      v0 ^= word;
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }

  /** Returns eight bytes as a little-endian word; the last word ends with the length. */
  private static long word(byte[] a, int at, int to, int length) {
    int count = Math.min(Long.BYTES, to - at);
    long word = count < Long.BYTES ? (long) length << 56 : 0;
    for (int i = 0; i < count; i++) {
      word |= (a[at + i] & 0xffL) << 8 * i;
    }
    return word;
  }
}
