/** What the tests of every package share: commands with time-outs, sandboxes, mounts to compare. */
package dev.lamina.testing;
