package dev.lamina.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.image.Messages;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;

/**
 * Standard output and standard error. Each character is written as one byte (ISO-8859-1), because
 * strings with file names have a character for each byte.
 */
final class Console {
  static final PrintStream OUT = stream(FileDescriptor.out);
  static final PrintStream ERR = stream(FileDescriptor.err);

  /** Standard output for documents, which are text and are written in UTF-8. */
  static final PrintStream UTF8 =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);

  private Console() {}

  /** Returns true when a write to standard output has failed, as on a full disk. */
  static boolean hasFailed() {
    return OUT.checkError() || UTF8.checkError();
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, ISO_8859_1);
  }

  /** Prints one line on standard error, with the program's name in front. */
  static void error(String message) {
    ERR.println("lamina: " + Messages.printable(message));
  }
}
