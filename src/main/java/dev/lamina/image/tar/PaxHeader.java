package dev.lamina.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;

/**
 * The records of a pax extended header (POSIX.1-2017, pax, "pax Extended Header"), each {@code
 * LENGTH KEY=VALUE} and a newline, where the length counts the whole record.
 *
 * <p>Values are bytes. POSIX wants names in UTF-8, or marked otherwise by {@code
 * hdrcharset=BINARY}; but GNU tar, libarchive and the Go library of docker, podman and umoci all
 * take the bytes of a record as they are, and some of them stumble over that mark.
 */
public final class PaxHeader {
  private static final int NANOS = 1_000_000_000;
  private static final int NANO_DIGITS = 9;

  private final ByteArrayOutputStream records = new ByteArrayOutputStream();

  boolean isEmpty() {
    return records.size() == 0;
  }

  byte[] bytes() {
    return records.toByteArray();
  }

  void add(String key, byte[] value) {
    add(key.getBytes(ISO_8859_1), value);
  }

  void add(byte[] key, byte[] value) {
    // A space, an equals sign and a newline.
    int rest = key.length + value.length + 3;
    int length = rest + digits(rest);
    // The length's own digits may make it one digit longer.
    length = rest + digits(length);
    records.writeBytes(Integer.toString(length).getBytes(ISO_8859_1));
    records.write(' ');
    records.writeBytes(key);
    records.write('=');
    records.writeBytes(value);
    records.write('\n');
  }

  void add(String key, long value) {
    add(key, Long.toString(value).getBytes(ISO_8859_1));
  }

  /**
   * A time, as a decimal number of seconds.
   *
   * @param nanos from 0 on, later than {@code seconds}, as in {@code struct timespec}
   */
  void addTime(String key, long seconds, int nanos) {
    boolean isNegativeFraction = seconds < 0 && nanos > 0;
    long whole = isNegativeFraction ? seconds + 1 : seconds;
    int part = isNegativeFraction ? NANOS - nanos : nanos;
    StringBuilder text = new StringBuilder();
    if (isNegativeFraction && whole == 0) {
      text.append('-');
    }
    text.append(whole);
    if (part > 0) {
      String digits = Integer.toString(part);
      text.append('.').append("0".repeat(NANO_DIGITS - digits.length())).append(digits);
      while (text.charAt(text.length() - 1) == '0') {
        text.setLength(text.length() - 1);
      }
    }
    add(key, text.toString().getBytes(ISO_8859_1));
  }

  private static int digits(int number) {
    return Integer.toString(number).length();
  }
}
