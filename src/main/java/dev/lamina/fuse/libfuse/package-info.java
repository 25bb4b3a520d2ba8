/**
 * The libfuse transport: libfuse 2.9 through jnr-fuse, for systems where the device cannot be
 * spoken to directly.
 *
 * <p>libfuse 2 names objects by path. A request's way: {@code Session} receives it on a thread of
 * ours and has libfuse take it apart, libfuse calls one of the functions in {@code OperationTable},
 * {@code NameOperations} or {@code FileOperations} answers it, and {@code PathWalker} finds the
 * path's object by lookups from the root.
 */
package dev.lamina.fuse.libfuse;
