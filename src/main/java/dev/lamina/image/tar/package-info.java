/**
 * The tar format in bytes (POSIX.1-2017, pax; GNU tar): headers, extended headers, sparse files,
 * access control lists. Names and values are bytes, each held as one character.
 *
 * <p>This package does not know what entries mean in a layer.
 */
package dev.lamina.image.tar;
