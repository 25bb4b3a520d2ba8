/**
 * Listing of directories: snapshots with stable cookies, and the handles of open directories. May
 * use {@code union.inode}, {@code union.upper}, {@code fuse}, {@code layer} and {@code sys}.
 */
package dev.lamina.union.listing;
