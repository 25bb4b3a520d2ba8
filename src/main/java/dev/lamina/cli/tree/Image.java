package dev.lamina.cli.tree;

import dev.lamina.image.Digest;
import java.util.List;

/**
 * An image, which stands on its topmost layer.
 *
 * @param manifest its digest
 * @param names sorted; none for one that was replaced, or never had one
 * @param size of all its layers
 * @param shared size of those of its layers that other images of the forest have, too
 * @param mounts of it, by their names
 */
public record Image(
    Digest id, Digest manifest, List<String> names, Size size, Size shared, List<Mount> mounts) {}
