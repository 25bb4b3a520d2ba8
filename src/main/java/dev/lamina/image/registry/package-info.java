/** The client of registries: OCI distribution specification. */
package dev.lamina.image.registry;
