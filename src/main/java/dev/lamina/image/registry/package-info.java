/**
 * The client of registries (OCI distribution specification). A {@link
 * dev.lamina.image.registry.RegistryClient} makes sources and targets. These use a {@code
 * Repository}, which has the paths of the API. Below it, {@code Endpoint} adds the authorization,
 * {@code Redirects} follows redirects, and {@code Transport} sends a single request. These do not
 * try again: they throw a {@code TransientException}, and the caller tries again as {@code Retries}
 * decides.
 */
package dev.lamina.image.registry;
