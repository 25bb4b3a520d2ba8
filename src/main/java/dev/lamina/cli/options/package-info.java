/** Options that several commands share, as picocli mixins. */
package dev.lamina.cli.options;
