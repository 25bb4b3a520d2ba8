package dev.lamina.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/**
 * The platform that an image runs on, in Go's terms (OCI image index specification, "platform").
 *
 * @param os {@code linux}
 * @param architecture {@code amd64}, {@code arm64}, …
 * @param variant {@code v8}, …; empty if there is none
 */
public record Platform(String os, String architecture, String variant) {
  /** Returns the platform of this machine. */
  public static Platform host() {
    String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return switch (machine) {
      case "amd64", "x86_64" -> new Platform("linux", "amd64", "");
      case "aarch64" -> new Platform("linux", "arm64", "v8");
      case "arm" -> new Platform("linux", "arm", "v7");
      case "x86", "i386", "i486", "i586", "i686" -> new Platform("linux", "386", "");
      default -> new Platform("linux", machine, "");
    };
  }

  /**
   * Reads a platform.
   *
   * @param text {@code OS/ARCHITECTURE[/VARIANT]}, as users write it
   */
  public static Platform parse(String text) throws ImageException {
    String[] parts = text.split("/", -1);
    for (String part : parts) {
      if (part.isEmpty() || parts.length < 2 || parts.length > 3) {
        throw new ImageException(
            "not a platform: " + Messages.quote(text) + " (written OS/ARCHITECTURE[/VARIANT])");
      }
    }
    return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : "");
  }

  static Platform of(String what, JsonNode object) throws ImageException {
    String os = Json.text(what, object, "os");
    String architecture = Json.text(what, object, "architecture");
    String variant = Json.text(what, object, "variant");
    return new Platform(
        os == null ? "" : os,
        architecture == null ? "" : architecture,
        variant == null ? "" : variant);
  }

  ObjectNode json() {
    ObjectNode object = Json.object().put("architecture", architecture).put("os", os);
    return variant.isEmpty() ? object : object.put("variant", variant);
  }

  /**
   * Returns how well an image for this platform runs on another one: the higher, the better, and
   * negative if it does not run. An arm64 without a variant is a v8, and a newer arm runs images
   * for an older one.
   */
  public int suits(Platform wanted) {
    if (!os.equals(wanted.os) || !architecture.equals(wanted.architecture)) {
      return -1;
    }
    if (variant().equals(wanted.variant)) {
      return Integer.MAX_VALUE;
    }
    if (wanted.variant.isEmpty() || variant.isEmpty()) {
      return 0;
    }
    boolean isOlder = architecture.equals("arm") && variant.compareTo(wanted.variant) < 0;
    return isOlder ? variant.charAt(variant.length() - 1) - '0' : -1;
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
