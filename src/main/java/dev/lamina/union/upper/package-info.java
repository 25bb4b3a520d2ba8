/**
 * The upper and the work directory of a mount: setting them up, whiteouts, renames, extended
 * attributes as they are stored, durability, and waiting for space. Inodes are not known here. May
 * use {@code fuse}, {@code layer} and {@code sys}.
 */
package dev.lamina.union.upper;
