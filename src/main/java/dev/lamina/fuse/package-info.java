/**
 * The inode-based file system interface that every transport drives and {@code union} implements,
 * with its requests and replies.
 */
package dev.lamina.fuse;
