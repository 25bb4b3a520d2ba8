package dev.lamina.cli.tree;

import java.util.List;

/**
 * A sequence of layers on each other. It ends with the first layer that is the topmost of an image
 * or has more than one layer on it. So the depth of a tree depends on how many images are built on
 * each other, not on how many layers they have.
 *
 * @param layers the layers, at least one, bottommost first
 * @param images the images whose topmost layer is the last one; they differ only in their settings
 * @param children the runs that lie on the last layer
 */
public record Run(List<Layer> layers, List<Image> images, List<Run> children) {}
