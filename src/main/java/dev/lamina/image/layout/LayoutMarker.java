package dev.lamina.image.layout;

import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.Words;

/** The file that makes a directory a layout: {@code oci-layout}, with the layout's version. */
public final class LayoutMarker {
  private static final String FIELD = "imageLayoutVersion";
  private static final String VERSION = "1.0.0";

  private LayoutMarker() {}

  public static byte[] bytes() {
    return Json.bytes(Json.object().put(FIELD, VERSION));
  }

  /**
   * @param what the file, for messages
   */
  static void check(String what, byte[] bytes) throws ImageException {
    String version = Json.required(what, Json.parse(what, bytes), FIELD);
    if (!version.startsWith("1.")) {
      throw new ImageException(
          what + " says that the layout is of version " + Words.quote(version) + ", not 1");
    }
  }
}
