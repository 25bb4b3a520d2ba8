/**
 * Images in single files: OCI archives and archives in the format of {@code docker save}; and the
 * locations of images in the notation of containers-transports(5).
 */
package dev.lamina.image.archive;
