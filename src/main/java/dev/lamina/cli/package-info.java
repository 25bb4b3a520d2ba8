/** The commands. Only this package uses all others, and only it prints. */
package dev.lamina.cli;
