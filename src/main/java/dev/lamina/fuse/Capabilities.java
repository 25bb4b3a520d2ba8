package dev.lamina.fuse;

/**
 * What a transport can carry. The file system relies on nothing else, and tests leave out the cases
 * that do not apply.
 *
 * @param renameFlags whether RENAME carries the flags of renameat2(2)
 * @param entryExpiry whether each entry and each set of attributes has a lifetime of its own
 * @param orphanAttributes whether the attributes of an open file without a name can be read and
 *     changed
 * @param passthrough whether the kernel may read and write a file by itself ({@link
 *     OpenReply#backing}): an object then has one backing file for as long as it is open
 * @param removedDirectories whether the attributes of a removed directory, and of an open file that
 *     was in one, can be read and changed
 * @param sharedLinks whether the hard links of an object are one inode to the kernel, so that a
 *     socket can be connected to, and a fifo opened, by any of its names
 */
public record Capabilities(
    boolean renameFlags,
    boolean entryExpiry,
    boolean orphanAttributes,
    boolean removedDirectories,
    boolean passthrough,
    boolean sharedLinks) {}
