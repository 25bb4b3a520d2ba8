/**
 * The local store. {@link dev.lamina.image.store.Store} opens it and has its parts: images, their
 * unpacked layers, their mounts, the directories of runs, and the garbage collector. Below these
 * are the layers by diff ID, what processes are making, and the leases that protect it.
 */
package dev.lamina.image.store;
