package dev.lamina.cli.tree;

import java.util.List;

/**
 * Layers that lie on each other without anything else happening: it ends with the first one that is
 * an image's topmost, or that more than one layer lies on. So a tree is no deeper than images are
 * built on each other, however many layers they have.
 *
 * @param layers bottommost first, at least one
 * @param images whose topmost layer is the last one; several differ in their settings only
 * @param children what lies on the last one
 */
public record Run(List<Layer> layers, List<Image> images, List<Run> children) {}
