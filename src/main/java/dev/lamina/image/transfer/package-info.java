/**
 * How images get into the store and out of it: from and to registries, layouts and archives, and
 * from plain trees. The commands that pull, push, load, save, import, mount and run share it.
 */
package dev.lamina.image.transfer;
