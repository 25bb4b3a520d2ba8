package dev.lamina.fuse.libfuse;

/**
 * An open file or directory. libfuse gives operations on one nothing but the number it was told at
 * open, so the node is remembered here.
 *
 * @param nodeid of the file system
 * @param handle of the file system
 * @param isCounted whether a lookup of the node is to be given back at release; a file without a
 *     name is opened on that of {@link Orphans}, which lasts longer
 * @param isDirectory whether it was opened by OPENDIR
 */
record OpenFile(long nodeid, long handle, boolean isCounted, boolean isDirectory) {}
