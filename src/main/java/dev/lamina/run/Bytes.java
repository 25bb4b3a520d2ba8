package dev.lamina.run;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.image.Messages;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.file.Path;

/**
 * Conversions of strings that are bytes to the kernel: file names, arguments and the environment.
 * Within this package such a string has one character for each byte (ISO-8859-1), which is also the
 * form of the command line. An image's configuration is text and is encoded in UTF-8.
 */
final class Bytes {
  private Bytes() {}

  static byte[] of(String string) {
    return string.getBytes(ISO_8859_1);
  }

  static String string(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }

  /** Returns text as a string of its bytes in UTF-8. */
  static String ofText(String text) {
    return string(text.getBytes(UTF_8));
  }

  /** Returns the bytes by which the kernel knows a Java path. */
  static String ofPath(Path path) {
    return string(
        path.toString().getBytes(Charset.forName(System.getProperty("sun.jnu.encoding"))));
  }

  /**
   * Returns bytes as text, for a document that can hold only text.
   *
   * @param what describes the string in the error message
   */
  static String text(String what, String string) throws RunException {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(of(string))).toString();
    } catch (CharacterCodingException e) {
      throw new RunException(
          what
              + " is not valid UTF-8, which an OCI runtime needs: "
              + shown(string)
              + " (--runtime none takes any bytes)");
    }
  }

  /** Returns a string of bytes as it is shown in a message. */
  static String shown(String string) {
    return Messages.quote(new String(of(string), UTF_8));
  }
}
