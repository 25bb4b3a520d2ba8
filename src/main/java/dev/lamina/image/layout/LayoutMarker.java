package dev.lamina.image.layout;

import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.Messages;

/** The file {@code oci-layout}, which marks a layout and contains the version of its format. */
public final class LayoutMarker {
  private static final String FIELD = "imageLayoutVersion";
  private static final String VERSION = "1.0.0";

  private LayoutMarker() {}

  /** Returns the file's content. */
  public static byte[] bytes() {
    return Json.bytes(Json.object().put(FIELD, VERSION));
  }

  /**
   * Checks the version.
   *
   * @param what the file, for messages
   * @throws ImageException if it is missing or not supported
   */
  static void check(String what, byte[] bytes) throws ImageException {
    String version = Json.required(what, Json.parse(what, bytes), FIELD);
    if (!version.startsWith("1.")) {
      throw new ImageException(
          what
              + " gives the layout version "
              + Messages.quote(version)
              + "; only version 1 is supported");
    }
  }
}
