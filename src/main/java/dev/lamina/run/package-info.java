/**
 * Running a command in a mounted root file system, as an image's configuration asks: through an OCI
 * runtime (runc, crun), or with unshare and chroot where there is none.
 */
package dev.lamina.run;
