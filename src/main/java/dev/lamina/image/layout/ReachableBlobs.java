package dev.lamina.image.layout;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import java.util.Set;

/**
 * The blobs that an image in a layout refers to, directly or indirectly.
 *
 * @param all the digests of all of them, and of the image's own manifest or index
 * @param configs the configurations that the manifests among them name, of any media type
 */
public record ReachableBlobs(Set<Digest> all, Set<Descriptor> configs) {}
