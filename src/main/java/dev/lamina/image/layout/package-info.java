/**
 * OCI image layouts in directories (OCI image layout specification): blobs named by their digests,
 * the index of images, the lock under which it is changed, and the blobs that an image refers to.
 */
package dev.lamina.image.layout;
