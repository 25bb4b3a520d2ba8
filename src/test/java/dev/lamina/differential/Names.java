package dev.lamina.differential;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The names a scenario uses. A name is an ISO-8859-1 string: each character is one byte.
 *
 * <p>They are few, so that a name is made, removed and made again as something else all the time.
 */
final class Names {
  private static final List<String> PLAIN = List.of("a", "b", "c");

  private static final List<String> SPECIAL =
      List.of(
          "\u00ff\u00fe\u0080",
          "with space",
          "new\nline",
          "colon:comma,back\\slash",
          "n".repeat(255),
          "\u00c3\u00a9",
          "-rf",
          "...",
          "\"quote'",
          "\u0001\u007f");

  /** One byte more than any file system here takes. */
  static final String TOO_LONG = "t".repeat(256);

  private Names() {}

  /** The names of one scenario. */
  static List<String> choose(SplittableRandom random) {
    List<String> names = new ArrayList<>(PLAIN);
    while (names.size() < PLAIN.size() + 2) {
      String name = SPECIAL.get(random.nextInt(SPECIAL.size()));
      if (!names.contains(name)) {
        names.add(name);
      }
    }
    return List.copyOf(names);
  }

  static byte[] bytes(String name) {
    return name.getBytes(StandardCharsets.ISO_8859_1);
  }

  static String string(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** A name or value as people read it: what is not plain as {@code \xNN}, long runs as a count. */
  static String print(String name) {
    if (name.length() > 40 && name.chars().distinct().count() == 1) {
      return name.charAt(0) + "{" + name.length() + "}";
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c > ' ' && c < 0x7f && c != '\\') {
        text.append(c);
      } else {
        text.append(String.format("\\x%02x", (int) c));
      }
    }
    return text.isEmpty() ? "''" : text.toString();
  }
}
