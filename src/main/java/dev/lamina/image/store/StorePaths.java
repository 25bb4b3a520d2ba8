package dev.lamina.image.store;

import dev.lamina.image.Digest;
import java.nio.file.Path;

/**
 * Where everything of a store lies. Nobody else puts these paths together.
 *
 * <pre>
 * images/                 an OCI image layout: blobs, and the images' names in its index
 * layers/sha256/HEX/      a layer, by its diff ID
 *   tree/                 unpacked
 *   root/                 empty, with the root directory's attributes, if the layer tells them
 *   layer.json            what is known of it
 * mounts/NAME/            a mount that is, or was and can be again
 *   mount.json            of which image, where
 *   upper/ work/          unless the user named others
 *   lock                  held by the process that serves it
 *   new                   until it has been served for the first time
 * run/ID/                 where "lamina run" has mounted an image
 * run/ID.lock             held by that process; tells what goes with it
 * tmp/ID/                 what a process is making, or is about to remove
 * tmp/ID.lock             held by that process
 * leases/ID               digests that a process is about to need, held by it
 * locks/HEX               held by who unpacks the layer of that diff ID
 * lock                    held by who collects garbage, shared by who begins to need something
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

  /** The directory in a layer's that is like the layer's root and empty. */
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
