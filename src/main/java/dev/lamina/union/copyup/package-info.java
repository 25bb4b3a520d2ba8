/**
 * Copy-up: building copies of data and metadata in the work directory, and putting them into place;
 * completing metacopies. May use {@code union.inode}, {@code union.upper}, {@code fuse}, {@code
 * layer} and {@code sys}.
 */
package dev.lamina.union.copyup;
