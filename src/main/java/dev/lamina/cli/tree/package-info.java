/**
 * Shows the images of a store as a forest of layers ({@link dev.lamina.cli.tree.Forest}), which is
 * written as text, as SVG or as JSON.
 */
package dev.lamina.cli.tree;
