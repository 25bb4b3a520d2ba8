package dev.lamina.cli.tree;

import dev.lamina.image.Digest;
import dev.lamina.image.History;

/**
 * A layer where it lies: on those below it.
 *
 * @param chainId names it with all below it
 * @param diffId names it alone
 * @param total size of it and all below it
 * @param images how many of the forest's images it is part of, here
 * @param step how it came to be; null where no image tells
 */
public record Layer(
    Digest chainId, Digest diffId, Size size, Size total, int images, History step) {}
