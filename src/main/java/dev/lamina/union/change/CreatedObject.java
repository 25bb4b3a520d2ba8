package dev.lamina.union.change;

import dev.lamina.union.inode.Inode;

/**
 * An object that was created.
 *
 * @param inode its inode, with one lookup counted
 * @param value what its {@link ObjectMaker} has returned; for a file without a name, its descriptor
 */
record CreatedObject(Inode inode, int value) {}
