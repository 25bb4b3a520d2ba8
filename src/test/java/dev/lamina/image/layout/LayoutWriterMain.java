package dev.lamina.image.layout;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.image.Descriptor;
import dev.lamina.image.MediaTypes;
import java.io.IOException;
import java.nio.file.Path;

/** A process that gives names to images in a layout, and prints each that is there. */
final class LayoutWriterMain {
  private LayoutWriterMain() {}

  /** Arguments: the layout, what the names begin with, how many. */
  public static void main(String[] arguments) throws IOException {
    OciLayout layout = OciLayout.create(Path.of(arguments[0]));
    int count = Integer.parseInt(arguments[2]);
    for (int i = 0; i < count; i++) {
      String name = arguments[1] + i;
      tag(layout, name);
      System.out.println(name);
    }
  }

  /** An image of a document that others write as well, under a name of its own. */
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
