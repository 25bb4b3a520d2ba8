/**
 * The union file system: {@link dev.lamina.union.UnionFileSystem} serves the requests, {@link
 * dev.lamina.union.UnionSetup} opens the layers, checks that they fit together and connects the
 * parts. The rules of the union are in the packages below this one. They know neither how requests
 * arrive nor what an image is. This package may use all of them, and {@code fuse}, {@code layer}
 * and {@code sys}.
 */
package dev.lamina.union;
