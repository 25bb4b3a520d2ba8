package dev.lamina.cli.tree;

import dev.lamina.image.Digest;
import java.util.List;

/**
 * An image, which the forest shows at its topmost layer.
 *
 * @param manifest the digest of its manifest
 * @param names its names, sorted; empty when another image took them, or it never had one
 * @param size the size of all its layers
 * @param shared the size of those of its layers that other images in the forest have, too
 * @param mounts its mounts, sorted by name
 */
public record Image(
    Digest id, Digest manifest, List<String> names, Size size, Size shared, List<Mount> mounts) {}
