package dev.lamina.fuse;

/**
 * What a transport can carry, so that the file system relies on no more and tests say which case
 * does not apply where.
 *
 * @param renameFlags RENAME carries the flags of renameat2(2)
 * @param entryExpiry entries and attributes carry their own lifetimes
 * @param orphanAttributes attributes of an open file without a name can be asked for and changed
 * @param passthrough the kernel may read and write a file by itself ({@link OpenReply#backing}): an
 *     object then has one backing file for as long as it is open
 * @param removedDirectories the same of a removed directory, and of an open file that was in one
 * @param sharedLinks hard links of one object are one inode to the kernel: a socket can be
 *     connected to, and a fifo opened, by any of its names
 */
public record Capabilities(
    boolean renameFlags,
    boolean entryExpiry,
    boolean orphanAttributes,
    boolean removedDirectories,
    boolean passthrough,
    boolean sharedLinks) {}
