/** Options that several commands have, as picocli mixins. */
package dev.lamina.cli.options;
