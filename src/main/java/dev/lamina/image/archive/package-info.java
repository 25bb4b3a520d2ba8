/**
 * Layers as tar archives, in and out; images as files: OCI layouts and archives, {@code docker
 * save}.
 */
package dev.lamina.image.archive;
