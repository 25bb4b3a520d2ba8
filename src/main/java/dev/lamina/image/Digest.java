package dev.lamina.image;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The digest that identifies content (OCI image specification, descriptor, "Digests"): {@code
 * ALGORITHM:HEX}. Only the two registered algorithms are accepted, so a digest is also safe to use
 * in file names.
 *
 * @param algorithm {@code sha256} or {@code sha512}
 * @param hex in lower case
 */
public record Digest(String algorithm, String hex) implements Comparable<Digest> {
  public static final String SHA256 = "sha256";

  private static final String SHA512 = "sha512";

  /** The registered algorithms. */
  public static final List<String> ALGORITHMS = List.of(SHA256, SHA512);

  private static final Map<String, String> JAVA_NAMES =
      Map.of(SHA256, "SHA-256", SHA512, "SHA-512");
  private static final Pattern FORM = Pattern.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");

  /**
   * Reads a digest.
   *
   * @throws ImageException if the text is not a digest or its algorithm is not supported
   */
  public static Digest parse(String text) throws ImageException {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new ImageException(
          "not a digest: " + Messages.quote(text) + " (written sha256:HEX or sha512:HEX)");
    }
    int colon = text.indexOf(':');
    return new Digest(text.substring(0, colon), text.substring(colon + 1));
  }

  /** Returns the SHA-256 digest of some bytes. */
  public static Digest of(byte[] bytes) {
    return of(SHA256, start(SHA256).digest(bytes));
  }

  static Digest of(String algorithm, byte[] value) {
    return new Digest(algorithm, HexFormat.of().formatHex(value));
  }

  /** Returns a new computation with this digest's algorithm. */
  MessageDigest start() {
    return start(algorithm);
  }

  static MessageDigest start(String algorithm) {
    try {
      return MessageDigest.getInstance(JAVA_NAMES.get(algorithm));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime supports " + algorithm, e);
    }
  }

  /** Returns the first twelve hexadecimal digits, for listings. */
  public String abbreviated() {
    return hex.substring(0, 12);
  }

  @Override
  public int compareTo(Digest other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
