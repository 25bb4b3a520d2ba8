/**
 * The parts of an image according to the OCI image specification: digests, descriptors, manifests,
 * indexes and configurations. All of them are untrusted input and are checked when they are read.
 */
package dev.lamina.image;
