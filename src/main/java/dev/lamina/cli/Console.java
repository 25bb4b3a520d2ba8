package dev.lamina.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.image.Messages;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;

/** Standard output and error. Characters are written as single bytes, as file names come. */
final class Console {
  static final PrintStream OUT = stream(FileDescriptor.out);
  static final PrintStream ERR = stream(FileDescriptor.err);

  /** Standard output for documents, which are text and not file names. */
  static final PrintStream UTF8 =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);

  private Console() {}

  /** True when something that was printed has not arrived, as on a full disk. */
  static boolean hasFailed() {
    return OUT.checkError() || UTF8.checkError();
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, ISO_8859_1);
  }

  /** One line on standard error, with the program's name in front. */
  static void error(String message) {
    ERR.println("lamina: " + Messages.printable(message));
  }
}
