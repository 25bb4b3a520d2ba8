/**
 * The images of a store as a forest of layers: what it is made of ({@link
 * dev.lamina.cli.tree.Forest}) and how it is written, as text, as SVG or in JSON.
 */
package dev.lamina.cli.tree;
