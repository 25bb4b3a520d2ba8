package dev.lamina.image.layer;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;

/**
 * A layer that was written.
 *
 * @param diffId of its tar, uncompressed
 * @param tarSize in bytes
 * @param descriptor of what was written, compressed
 */
public record WrittenLayer(Digest diffId, long tarSize, Descriptor descriptor) {}
