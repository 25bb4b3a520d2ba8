package dev.lamina.layer;

/**
 * The place of an object on a layer: a name in a directory, or with the empty name the directory
 * (or detached object) itself. It has no reference of its own to the directory.
 */
public record Place(LayerDirectory directory, byte[] name) {}
