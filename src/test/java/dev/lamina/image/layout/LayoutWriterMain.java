package dev.lamina.image.layout;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.image.Descriptor;
import dev.lamina.image.MediaTypes;
import java.io.IOException;
import java.nio.file.Path;

/** A process that names images in a layout, and prints each name once it has been given. */
final class LayoutWriterMain {
  private LayoutWriterMain() {}

  /** Takes the layout, the prefix of the names and their number as arguments. */
  public static void main(String[] arguments) throws IOException {
    OciLayout layout = OciLayout.create(Path.of(arguments[0]));
    int count = Integer.parseInt(arguments[2]);
    for (int i = 0; i < count; i++) {
      String name = arguments[1] + i;
      tag(layout, name);
      System.out.println(name);
    }
  }

  /** Writes an image whose blob other writers write as well, and gives it a name. */
  static void tag(OciLayout layout, String name) throws IOException {
    String contents = "{\"shared\":" + name.replaceAll("\\D", "") + "}";
    Descriptor descriptor = Descriptor.of(MediaTypes.MANIFEST, contents.getBytes(UTF_8));
    try (BlobWriter writer = layout.writer(descriptor)) {
      writer.write(contents.getBytes(UTF_8));
      writer.commit();
    }
    layout.tag(name, descriptor);
  }
}
