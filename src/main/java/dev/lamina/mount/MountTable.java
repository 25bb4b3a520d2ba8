package dev.lamina.mount;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.MountRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads /proc/self/mountinfo (proc(5)). Strings have a character for each byte. */
final class MountTable {
  private static final String LAMINA = "fuse." + MountRequest.SUBTYPE;

  /** The first optional field. They end with a hyphen, and the type comes next. */
  private static final int OPTIONAL_FIELDS = 6;

  private MountTable() {}

  /** A mount has an ID in the kernel, and a file system of some type. */
  record Entry(long id, String type) {
    boolean isLamina() {
      return type.equals(LAMINA);
    }
  }

  /** Returns the topmost mount at an absolute path; null where nothing is mounted. */
  static Entry topmost(String path) throws IOException {
    Entry found = null;
    String table = new String(Files.readAllBytes(Path.of("/proc/self/mountinfo")), ISO_8859_1);
    // Only a newline ends a line: the kernel does not escape other characters that Java takes for
    // one.
    for (String line : table.split("\n")) {
      String[] fields = line.split(" ");
      int hyphen = OPTIONAL_FIELDS;
      while (hyphen < fields.length && !fields[hyphen].equals("-")) {
        hyphen++;
      }
      if (hyphen + 1 < fields.length && unescape(fields[4]).equals(path)) {
        found = new Entry(Long.parseLong(fields[0]), fields[hyphen + 1]);
      }
    }
    return found;
  }

  /** Decodes the octal escapes. */
  private static String unescape(String field) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < field.length(); i++) {
      char at = field.charAt(i);
      if (at == '\\' && i + 3 < field.length()) {
        plain.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        plain.append(at);
      }
    }
    return plain.toString();
  }
}
