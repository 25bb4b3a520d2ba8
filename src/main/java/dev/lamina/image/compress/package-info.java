/**
 * Compressed streams: which compression a stream has, gzip with its members, and gzip that several
 * threads write. It knows nothing of tar or of images.
 */
package dev.lamina.image.compress;
