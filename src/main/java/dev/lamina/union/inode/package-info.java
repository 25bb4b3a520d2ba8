/**
 * Inodes: the table of those that the kernel knows, their locks, lookup, attributes, inode numbers
 * and protection (immutable and append-only). May use {@code union.upper}, {@code fuse}, {@code
 * layer} and {@code sys}.
 */
package dev.lamina.union.inode;
