/**
 * The inode-based file system interface with its requests and replies. Every transport calls it,
 * and {@code union} implements it.
 */
package dev.lamina.fuse;
