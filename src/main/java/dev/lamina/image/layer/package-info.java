/**
 * A layer as a tar archive (OCI image layer specification): unpacked into a directory, and made of
 * the differences between two merged trees.
 *
 * <p>The archives come from others: no entry leads out of the directory.
 */
package dev.lamina.image.layer;
