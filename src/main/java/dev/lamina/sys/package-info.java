/**
 * Linux system calls through jffi. They return a value or the negative errno, names are bytes, and
 * the documentation of each call says who closes a descriptor. This package does not depend on
 * layers or FUSE.
 */
package dev.lamina.sys;
