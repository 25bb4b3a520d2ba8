package dev.lamina.fuse.libfuse;

/**
 * An open file or directory. libfuse passes operations on it only the number that open has set, so
 * the nodeid is kept here.
 *
 * @param nodeid the nodeid of the file system
 * @param handle the handle of the file system
 * @param isCounted whether a lookup of the node is given back at release; a file without a name is
 *     opened with the lookup of {@link Orphans}, which lasts longer
 * @param isDirectory whether it was opened by OPENDIR
 */
record OpenFile(long nodeid, long handle, boolean isCounted, boolean isDirectory) {}
