/**
 * The kernel's FUSE protocol as it lies in memory: numbers and structures of linux/fuse.h, nothing
 * else. A structure's class has static accessors that take its address; nothing is checked here, so
 * a caller makes sure that the whole structure lies in memory it holds.
 */
package dev.lamina.fuse.wire;
