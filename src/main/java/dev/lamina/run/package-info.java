/**
 * Runs a command in a mounted root file system as an image's configuration says, through an OCI
 * runtime (runc or crun) or, without one, in namespaces that this package makes.
 */
package dev.lamina.run;
