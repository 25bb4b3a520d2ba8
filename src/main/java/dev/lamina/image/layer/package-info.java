/**
 * Layers as tar archives (OCI image layer specification): they are unpacked into directories, and
 * written from the differences between two merged trees.
 *
 * <p>The archives are not trusted: no entry leads out of the directory.
 */
package dev.lamina.image.layer;
