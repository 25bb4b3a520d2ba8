package dev.lamina.image.archive;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Document;
import dev.lamina.image.ImageSource;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/** An image in an archive that is closed with it. */
record OwningSource(ImageSource image, Closeable archive) implements ImageSource {
  @Override
  public Document document() throws IOException {
    return image.document();
  }

  @Override
  public Document document(Descriptor descriptor) throws IOException {
    return image.document(descriptor);
  }

  @Override
  public InputStream open(Descriptor descriptor, long offset) throws IOException {
    return image.open(descriptor, offset);
  }

  @Override
  public String name() {
    return image.name();
  }

  @Override
  public void close() throws IOException {
    try (archive) {
      image.close();
    }
  }

  @Override
  public String toString() {
    return image.toString();
  }
}
