package dev.lamina.cli.tree;

/**
 * The totals of a forest. A layer counts once, wherever it appears, because it is stored once.
 *
 * @param stored the size of all layers
 * @param shared the size of the layers that more than one image has
 * @param apart the size that the images would have if they shared no layers
 */
public record Summary(int images, int layers, Size stored, Size shared, Size apart) {}
