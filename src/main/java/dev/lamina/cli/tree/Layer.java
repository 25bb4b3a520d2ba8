package dev.lamina.cli.tree;

import dev.lamina.image.Digest;
import dev.lamina.image.History;

/**
 * A layer at one position in the forest, on the layers below it.
 *
 * @param chainId the chain ID, which identifies it together with all layers below it
 * @param diffId the diff ID, which identifies it alone
 * @param total the size of this layer and all layers below it
 * @param images the number of images in the forest that contain it at this position
 * @param step the step that made it; null when no image has a history of it
 */
public record Layer(
    Digest chainId, Digest diffId, Size size, Size total, int images, History step) {}
