/**
 * On-disk layers: a tree to read, and the marks (whiteouts, opaque directories, redirects) with
 * which one layer hides or moves what lies in the layers below it.
 */
package dev.lamina.layer;
