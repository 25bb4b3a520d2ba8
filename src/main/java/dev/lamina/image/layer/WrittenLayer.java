package dev.lamina.image.layer;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;

/**
 * A layer that was written.
 *
 * @param diffId the digest of the uncompressed tar archive
 * @param tarSize the size of that archive in bytes
 * @param descriptor of the compressed layer
 */
public record WrittenLayer(Digest diffId, long tarSize, Descriptor descriptor) {}
