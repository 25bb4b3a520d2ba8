/**
 * Changes of names and attributes: creation, hard links, removal, rename, chmod and the like. May
 * use {@code union.data}, {@code union.copyup}, {@code union.inode}, {@code union.upper}, {@code
 * fuse}, {@code layer} and {@code sys}.
 */
package dev.lamina.union.change;
