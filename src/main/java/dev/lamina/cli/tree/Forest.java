package dev.lamina.cli.tree;

import java.util.List;

/**
 * The images of a store, arranged by the layers that they share. There is a tree for each layer
 * that is the bottommost of an image.
 *
 * @param roots the trees, in the order of the first name in each, as are the children within them
 * @param withoutLayers the images that have no layers and so are in no tree
 */
public record Forest(List<Run> roots, List<Image> withoutLayers, Summary summary) {}
