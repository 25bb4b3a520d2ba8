package dev.lamina.layer;

/**
 * Where an object lies on a layer: a name in a directory, or with the empty name the directory (or
 * detached object) itself. Holds no reference of its own.
 */
public record Place(LayerDirectory directory, byte[] name) {}
