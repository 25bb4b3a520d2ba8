package dev.lamina.union;

import dev.lamina.layer.LayerDirectory;

/**
 * Where an object lies on a layer: a name in a directory, or with the empty name the directory (or
 * detached object) itself. Holds no reference of its own.
 */
record Place(LayerDirectory directory, byte[] name) {}
