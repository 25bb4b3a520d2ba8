/**
 * The differential test: one random sequence of operations runs on two union mounts of equal
 * layers, and everything a process can see of the two must be equal, as must what is left in the
 * two upper directories. {@link dev.lamina.differential.AllowedDifferences} holds the exceptions.
 */
package dev.lamina.differential;
