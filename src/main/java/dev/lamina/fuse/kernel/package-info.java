/**
 * The kernel transport: the FUSE protocol directly over /dev/fuse.
 *
 * <p>A {@code Worker} reads a request from the device. {@code Service} has it handled by {@code
 * Dispatcher}, which calls the handler for its opcode: a method of {@code NameHandlers}, {@code
 * AttributeHandlers}, {@code FileHandlers} or {@code DirectoryHandlers}. The handler reads the
 * arguments from the {@code Request}, calls the file system and writes the body of the answer,
 * which {@code Service} sends. Requests that come through io_uring take the same way from {@code
 * RingWorker}.
 */
package dev.lamina.fuse.kernel;
