/** The local store: blobs, unpacked layers, names, mounts, locks, garbage collection. */
package dev.lamina.image.store;
