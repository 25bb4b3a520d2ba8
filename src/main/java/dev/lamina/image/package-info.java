/**
 * What an image is made of, as the OCI image specification has it: digests, descriptors, manifests,
 * indexes and configurations, each checked where it is read, since all of it comes from others.
 */
package dev.lamina.image;
