package dev.lamina.image.layout;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.Document;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import java.io.IOException;
import java.io.InputStream;

/** An image in a layout, which is a directory or a tar (OCI image layout specification). */
public final class LayoutSource implements ImageSource {
  public static final String MARKER = "oci-layout";
  public static final String BLOBS = "blobs";

  private final ImageFiles files;
  private final Descriptor image;
  private final String shown;

  /**
   * @param files of the layout, which the caller closes when the source is no longer used
   * @param shown the image for messages, as users write it
   */
  public LayoutSource(ImageFiles files, Descriptor image, String shown) {
    this.files = files;
    this.image = image;
    this.shown = shown;
  }

  /** Returns the name of a blob's file in a layout. */
  public static String path(Digest digest) {
    return BLOBS + "/" + digest.algorithm() + "/" + digest.hex();
  }

  /**
   * Reads the index of a layout.
   *
   * @throws ImageException if the files are not a layout of a supported version
   */
  public static LayoutIndex index(ImageFiles files) throws IOException {
    if (files.size(MARKER) < 0) {
      throw new ImageException(files + " is not an OCI image layout: it has no file " + MARKER);
    }
    LayoutMarker.check(files.describe(MARKER), files.document(MARKER));
    return new LayoutIndex(files.toString(), files.document(LayoutIndex.FILE));
  }

  /** Reads and verifies a manifest, an index or a configuration. */
  static byte[] document(ImageFiles files, Descriptor descriptor) throws IOException {
    String path = path(descriptor.digest());
    byte[] bytes = files.document(path);
    try {
      descriptor.verify(bytes);
      return bytes;
    } catch (ImageException e) {
      throw new ImageException(files.describe(path) + ": " + e.getMessage(), e);
    }
  }

  @Override
  public Document document() throws IOException {
    return document(image);
  }

  @Override
  public Document document(Descriptor descriptor) throws IOException {
    return new Document(descriptor.mediaType(), document(files, descriptor));
  }

  @Override
  public InputStream open(Descriptor descriptor, long offset) throws IOException {
    return files.open(path(descriptor.digest()), offset);
  }

  @Override
  public String name() {
    return LayoutImage.of(image).bestName();
  }

  @Override
  public void close() {
    // The files belong to the caller of the constructor.
  }

  @Override
  public String toString() {
    return shown;
  }
}
