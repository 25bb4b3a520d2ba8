/**
 * The classes that tests of all packages share: commands with time-outs, sandboxes and mounts to
 * compare.
 */
package dev.lamina.testing;
