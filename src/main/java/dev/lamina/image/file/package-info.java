/**
 * Files and directories of the host: opened without following what others may have put there,
 * changed so that a crash leaves the old state or the new one, and locked between processes.
 *
 * <p>It knows nothing of what the files hold.
 */
package dev.lamina.image.file;
