package dev.lamina.image.archive;

import dev.lamina.image.MediaTypes;

/** How a layer that is made here is compressed. */
public enum LayerCompression {
  NONE(MediaTypes.LAYER, 0),
  GZIP(MediaTypes.LAYER_GZIP, 6),
  ZSTD(MediaTypes.LAYER_ZSTD, 3);

  private final String mediaType;
  private final int defaultLevel;

  LayerCompression(String mediaType, int defaultLevel) {
    this.mediaType = mediaType;
    this.defaultLevel = defaultLevel;
  }

  /** Of a layer that is compressed so, as the OCI image specification has it. */
  public String mediaType() {
    return mediaType;
  }

  /** The level that gzip(1) and zstd(1) use unless told otherwise. */
  public int defaultLevel() {
    return defaultLevel;
  }
}
