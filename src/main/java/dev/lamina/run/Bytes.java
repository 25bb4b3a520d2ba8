package dev.lamina.run;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.image.Words;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.file.Path;

/**
 * Strings that are bytes to the kernel: file names, arguments, the environment. Within this package
 * such a string has a character for each byte (ISO-8859-1), as the command line comes; an image's
 * configuration is text, whose bytes are its UTF-8.
 */
final class Bytes {
  private Bytes() {}

  static byte[] of(String string) {
    return string.getBytes(ISO_8859_1);
  }

  static String string(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }

  /** Text as bytes. */
  static String ofText(String text) {
    return string(text.getBytes(UTF_8));
  }

  /** A path of Java's as the kernel knows it. */
  static String ofPath(Path path) {
    return string(
        path.toString().getBytes(Charset.forName(System.getProperty("sun.jnu.encoding"))));
  }

  /**
   * Bytes as text, for a document that holds nothing else.
   *
   * @param what they are, for the message
   */
  static String text(String what, String string) throws RunException {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(of(string))).toString();
    } catch (CharacterCodingException e) {
      throw new RunException(
          what
              + " is not valid UTF-8, and an OCI runtime takes nothing else (--runtime none does): "
              + shown(string));
    }
  }

  /** For a message. */
  static String shown(String string) {
    return Words.quote(new String(of(string), UTF_8));
  }
}
