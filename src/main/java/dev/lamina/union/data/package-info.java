/**
 * The contents of regular files: open files, passthrough, successors of files that the kernel reads
 * by itself, and the clearing of setuid and setgid bits. May use {@code union.copyup}, {@code
 * union.inode}, {@code union.upper}, {@code fuse}, {@code layer} and {@code sys}.
 */
package dev.lamina.union.data;
