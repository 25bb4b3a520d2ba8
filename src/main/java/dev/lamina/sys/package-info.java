/**
 * Linux system calls through jffi: a value or the negative errno, names as bytes, and always plain
 * who closes a descriptor. Nothing here knows of layers or FUSE.
 */
package dev.lamina.sys;
