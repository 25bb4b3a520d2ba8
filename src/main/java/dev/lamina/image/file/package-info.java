/**
 * Files and directories of the host: paths as bytes ({@code HostPaths}), questions about what
 * exists ({@code HostFiles}), single files ({@code HostFile}), changes that a crash leaves either
 * undone or complete ({@code DurableFiles}), and locks between processes ({@code FileLock}).
 *
 * <p>What the files contain is unknown here.
 */
package dev.lamina.image.file;
