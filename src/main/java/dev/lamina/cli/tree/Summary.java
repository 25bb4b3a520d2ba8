package dev.lamina.cli.tree;

/**
 * A forest in numbers. A layer counts once, wherever it lies, as it is stored once.
 *
 * @param stored size of all layers
 * @param shared size of those that more than one image has
 * @param apart what the images would take if each had its layers for itself
 */
public record Summary(int images, int layers, Size stored, Size shared, Size apart) {}
