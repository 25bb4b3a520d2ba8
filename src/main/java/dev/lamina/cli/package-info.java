/** The commands; the only package that sees all others, and the only one that prints. */
package dev.lamina.cli;
