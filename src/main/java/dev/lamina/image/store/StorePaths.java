package dev.lamina.image.store;

import dev.lamina.image.Digest;
import java.nio.file.Path;

/**
 * Knows the paths of everything in a store. No other class puts these paths together.
 *
 * <pre>
 * images/                 an OCI image layout: blobs, and the images' names in its index
 * layers/sha256/HEX/      a layer, by its diff ID
 *   tree/                 the unpacked layer
 *   root/                 empty, with the root directory's attributes, if the layer defines them
 *   layer.json            what is known of the layer
 * mounts/NAME/            a mount that is served, or whose upper is kept
 *   mount.json            the image and the mount point
 *   upper/ work/          unless the user named others
 *   lock                  held by the process that serves the mount
 *   new                   exists until the mount has been served for the first time
 * run/ID/                 a directory that "lamina run" has mounted an image on
 * run/ID.lock             held by that process; says what is removed with the directory
 * tmp/ID/                 what a process is making
 * tmp/ID.lock             held by that process
 * tmp/discarded-ID        what is about to be removed
 * leases/ID               digests that a process is about to need; held by that process
 * locks/HEX               held by the process that unpacks the layer of that diff ID
 * lock                    held by a garbage collection, shared by processes that add to a lease
 * </pre>
 */
record StorePaths(Path root) {
  Path images() {
    return root.resolve("images");
  }

  Path layers() {
    return root.resolve("layers");
  }

  Path layer(Digest diffId) {
    return layers().resolve(diffId.algorithm()).resolve(diffId.hex());
  }

  /** The unpacked tree in a layer's directory, also while that is being made elsewhere. */
  static Path tree(Path layer) {
    return layer.resolve("tree");
  }

  /** The empty directory, beside a layer's tree, that has the attributes of the layer's root. */
  static Path root(Path layer) {
    return layer.resolve("root");
  }

  static Path layerInfo(Path layer) {
    return layer.resolve("layer.json");
  }

  Path mounts() {
    return root.resolve("mounts");
  }

  Path mount(String name) {
    return mounts().resolve(name);
  }

  static Path mountState(Path mount) {
    return mount.resolve("mount.json");
  }

  static Path mountIsNew(Path mount) {
    return mount.resolve("new");
  }

  static Path mountLock(Path mount) {
    return mount.resolve("lock");
  }

  static Path upper(Path mount) {
    return mount.resolve("upper");
  }

  static Path work(Path mount) {
    return mount.resolve("work");
  }

  Path mountPoints() {
    return root.resolve("run");
  }

  Path temporary() {
    return root.resolve("tmp");
  }

  Path leases() {
    return root.resolve("leases");
  }

  Path layerLocks() {
    return root.resolve("locks");
  }

  Path layerLock(Digest diffId) {
    return layerLocks().resolve(diffId.hex());
  }

  Path lock() {
    return root.resolve("lock");
  }
}
