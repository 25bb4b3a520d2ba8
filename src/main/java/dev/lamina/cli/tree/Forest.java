package dev.lamina.cli.tree;

import java.util.List;

/**
 * Images by what they have in common: a tree for each layer that images begin with.
 *
 * @param roots in the order of the first name in each; so are children
 * @param withoutLayers images that have none, and so are in no tree
 */
public record Forest(List<Run> roots, List<Image> withoutLayers, Summary summary) {}
