/**
 * The client of registries (OCI distribution specification). From the outside inwards: {@link
 * dev.lamina.image.registry.RegistryClient} gives out sources and targets; these ask a {@code
 * Repository}, which knows the API's paths; {@code Endpoint} adds what authorization the registry
 * wants; {@code Redirects} follows to storage; {@code Transport} sends one request. Nothing below a
 * source or target tries again: what may work another time is thrown as a {@code
 * TransientException}, and {@code Retries} decides.
 */
package dev.lamina.image.registry;
