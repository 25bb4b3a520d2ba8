/**
 * The life of a mount: its options, the point it is mounted on, the daemon that serves it and, for
 * an image, the layers that it is made of. Nothing here prints or parses a command line.
 */
package dev.lamina.mount;
