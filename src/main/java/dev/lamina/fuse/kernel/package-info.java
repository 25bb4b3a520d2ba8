/**
 * The kernel transport: the FUSE protocol spoken directly over /dev/fuse.
 *
 * <p>A request's way: a {@code Worker} reads it from the device, {@code Dispatcher} finds the
 * handler for its opcode, which is a method of {@code NameHandlers}, {@code AttributeHandlers},
 * {@code FileHandlers} or {@code DirectoryHandlers}; the handler takes the arguments out of the
 * {@code Request}, calls the file system and lays the answer out beside it, and the worker sends
 * it.
 */
package dev.lamina.fuse.kernel;
