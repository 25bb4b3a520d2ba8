package dev.lamina.image;

/**
 * A manifest or an index as it was given, byte for byte: its digest is its name.
 *
 * @param mediaType that it was given under; empty where it was not told
 */
public record Document(String mediaType, byte[] bytes) {
  public Digest digest() {
    return Digest.of(bytes);
  }

  public boolean isIndex() throws ImageException {
    return Index.isIndex(mediaType, bytes);
  }

  public Index index() throws ImageException {
    return Index.parse(mediaType, bytes);
  }

  public Manifest manifest() throws ImageException {
    return Manifest.parse(mediaType, bytes);
  }
}
