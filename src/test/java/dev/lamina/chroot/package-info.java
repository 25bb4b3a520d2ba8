/** Real work in a real root file system, chrooted into through a mount. */
package dev.lamina.chroot;
