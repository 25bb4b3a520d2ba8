/**
 * How a mounted union behaves, as its users see it.
 *
 * <p>Every test runs on Lamina over each transport, and on kernel overlayfs, which is the
 * reference: a test that fails there is wrong. Where Lamina differs on purpose, the test says so
 * and why. {@code -Dlamina.test.mounters=NAME,...} restricts a run to some {@link
 * dev.lamina.testing.Mounter}s.
 */
package dev.lamina.behaviour;
