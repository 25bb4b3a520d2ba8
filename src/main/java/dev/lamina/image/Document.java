package dev.lamina.image;

/**
 * The bytes of a manifest or an index as they were received, whose digest identifies them.
 *
 * @param mediaType under which the document was received; empty if none was given
 */
public record Document(String mediaType, byte[] bytes) {
  public Digest digest() {
    return Digest.of(bytes);
  }

  /** Returns the media type that the document was received under or contains. */
  public String effectiveMediaType() throws ImageException {
    return isIndex() ? index().mediaType() : manifest().mediaType();
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
