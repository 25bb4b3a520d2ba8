/**
 * Compressed streams: finding out which compression a stream has, decompressing it, and compressing
 * with gzip in several threads. This package does not depend on tar or on images.
 */
package dev.lamina.image.compress;
