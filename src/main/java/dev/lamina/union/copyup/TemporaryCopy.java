package dev.lamina.union.copyup;

/**
 * A finished copy in the work directory.
 *
 * @param name the name there
 * @param keepsNumber whether a mark makes the copy keep its original's inode number. It does not if
 *     the original is one of several hard links, which become separate files, or if the copy cannot
 *     be marked.
 * @param ownNumber the inode number that users see otherwise
 */
record TemporaryCopy(byte[] name, boolean keepsNumber, long ownNumber) {}
