/**
 * Layers on the disk: trees that are read, and the marks (whiteouts, opaque directories, redirects)
 * with which a layer hides or moves objects of the layers below it.
 */
package dev.lamina.layer;
