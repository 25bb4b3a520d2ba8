/**
 * The union's semantics: which layer a name comes from, copy-up, whiteouts, rename, inode numbers.
 * Knows neither how requests arrive nor what an image is.
 */
package dev.lamina.union;
