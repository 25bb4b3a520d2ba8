/**
 * The kernel's FUSE protocol in memory: the numbers and structures of linux/fuse.h. The class of a
 * structure has static accessors that take its address. Nothing is checked here: callers make sure
 * that the whole structure lies in memory they own.
 */
package dev.lamina.fuse.wire;
