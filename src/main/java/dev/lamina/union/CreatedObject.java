package dev.lamina.union;

/**
 * An object that was created.
 *
 * @param inode its inode, with one lookup counted
 * @param value what its {@link ObjectMaker} has returned; for a file without a name, its descriptor
 */
record CreatedObject(Inode inode, int value) {}
