package dev.lamina.image.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.Random;

/** Random changes to an archive, which are the same for the same seed. */
final class Mutation {
  private static final int RECORD = 512;

  private Mutation() {}

  static byte[] of(byte[] archive, Random random) {
    byte[] bytes = archive.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      bytes = changed(bytes, random);
    }
    // Otherwise nearly all archives would be refused at the first checksum.
    if (random.nextInt(8) > 0) {
      mendChecksums(bytes);
    }
    return bytes;
  }

  private static byte[] changed(byte[] bytes, Random random) {
    if (bytes.length < 2 * RECORD) {
      return bytes;
    }
    int at = random.nextInt(bytes.length / RECORD * RECORD);
    int record = at / RECORD * RECORD;
    int other = random.nextInt(bytes.length / RECORD) * RECORD;
    switch (random.nextInt(8)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) random.nextInt(256);
      case 2 -> bytes[record + 124 + random.nextInt(12)] = (byte) random.nextInt(256);
      case 3 -> bytes[record + 156] = (byte) "0123456789xgLKSVD".charAt(random.nextInt(17));
      case 4 ->
          System.arraycopy(bytes, other, bytes, record, Math.min(RECORD, bytes.length - record));
      case 5 -> {
        byte[] word = "../outside/file\0".getBytes(ISO_8859_1);
        int start = record + (random.nextBoolean() ? 0 : 157);
        System.arraycopy(word, 0, bytes, start, Math.min(word.length, bytes.length - start));
      }
      case 6 -> {
        return Arrays.copyOf(bytes, at);
      }
      default -> {
        byte[] longer = new byte[bytes.length + RECORD];
        System.arraycopy(bytes, 0, longer, 0, record);
        System.arraycopy(bytes, record, longer, record + RECORD, bytes.length - record);
        return longer;
      }
    }
    return bytes;
  }

  private static void mendChecksums(byte[] bytes) {
    for (int start = 0; start + RECORD <= bytes.length; start += RECORD) {
      boolean isHeader = bytes[start + 257] == 'u' && bytes[start + 258] == 's';
      if (isHeader) {
        Arrays.fill(bytes, start + 148, start + 156, (byte) ' ');
        long sum = 0;
        for (int i = 0; i < RECORD; i++) {
          sum += bytes[start + i] & 0xff;
        }
        byte[] digits = String.format("%06o\0 ", sum).getBytes(ISO_8859_1);
        System.arraycopy(digits, 0, bytes, start + 148, 8);
      }
    }
  }
}
