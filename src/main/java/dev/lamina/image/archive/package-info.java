/**
 * Images as single files: OCI archives and what {@code docker save} writes, and the places that
 * users name, in the forms of containers-transports(5).
 */
package dev.lamina.image.archive;
