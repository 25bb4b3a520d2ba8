/**
 * The libfuse transport: libfuse 2.9 through jnr-fuse.
 *
 * <p>libfuse 2 names objects by path. A request's way: {@code Session} receives it on a thread of
 * ours and has libfuse take it apart, libfuse calls one of the functions in {@code OperationTable},
 * {@code NameOperations} or {@code FileOperations} answers it after {@code PathWalker} has found
 * the path's object by lookups from the root, and libfuse sends its reply through {@code Channel},
 * where {@code Lifetimes} adds how long it is true.
 */
package dev.lamina.fuse.libfuse;
