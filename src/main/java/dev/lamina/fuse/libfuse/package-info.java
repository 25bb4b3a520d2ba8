/**
 * The libfuse transport: libfuse 2.9 through jnr-fuse.
 *
 * <p>libfuse 2 identifies objects by path. {@code Session} receives a request on a Java thread and
 * passes it to libfuse, which calls one of the functions in {@code OperationTable}. {@code
 * PathWalker} finds the object of the path by lookups from the root, and {@code NameOperations} or
 * {@code FileOperations} does the work. libfuse sends its reply through {@code Channel}, where
 * {@code Lifetimes} writes the lifetimes into it.
 */
package dev.lamina.fuse.libfuse;
