package dev.lamina.image.layout;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.Document;
import dev.lamina.image.ImageException;
import dev.lamina.image.ImageSource;
import java.io.IOException;
import java.io.InputStream;

/** An image of a layout, in a directory or in a tar (OCI image layout specification). */
public final class LayoutSource implements ImageSource {
  public static final String MARKER = "oci-layout";
  public static final String BLOBS = "blobs";

  private final ImageFiles files;
  private final Descriptor image;
  private final String shown;

  /**
   * @param files the caller's to close, when this object is not used any more
   * @param shown as users write it
   */
  public LayoutSource(ImageFiles files, Descriptor image, String shown) {
    this.files = files;
    this.image = image;
    this.shown = shown;
  }

  /** Where contents are in a layout. */
  public static String path(Digest digest) {
    return BLOBS + "/" + digest.algorithm() + "/" + digest.hex();
  }

  /**
   * The index of a layout.
   *
   * @throws ImageException when it is none of a version that is known
   */
  public static LayoutIndex index(ImageFiles files) throws IOException {
    if (files.size(MARKER) < 0) {
      throw new ImageException(files + " is no OCI image layout: it has no file " + MARKER);
    }
    LayoutMarker.check(files.describe(MARKER), files.document(MARKER));
    return new LayoutIndex(files.toString(), files.document(LayoutIndex.FILE));
  }

  /** A manifest or index of a layout, verified. */
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
    // What it reads from is whoever's opened that.
  }

  @Override
  public String toString() {
    return shown;
  }
}
