/** Tests of the libfuse transport, over a file system that mirrors a directory. */
package dev.lamina.fuse.libfuse;
