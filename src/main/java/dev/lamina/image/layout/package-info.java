/**
 * OCI image layouts in directories (OCI image layout specification): blobs by digest, the index of
 * images, the lock under which it is changed, and what an image in a layout consists of.
 */
package dev.lamina.image.layout;
