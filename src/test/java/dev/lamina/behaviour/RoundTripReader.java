package dev.lamina.behaviour;

import dev.lamina.testing.Commands;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Who reads what Lamina has. */
enum RoundTripReader {
  LAMINA,
  UMOCI,
  PODMAN,
  TAR;

  /**
   * The tree of the store's {@code image}.
   *
   * @param scratch an empty directory
   */
  Map<String, String> read(LaminaStore store, Path scratch, RoundTripPodman podman) {
    String to = scratch.resolve("tree").toString();
    Commands.run("mkdir", to).succeed();
    switch (this) {
      case LAMINA -> {
        return store.tree("image", Path.of(to));
      }
      case UMOCI -> {
        // This umoci knows no zstd.
        String layout = scratch + "/layout:t";
        String gzip = "--dest-compress-format=gzip";
        RoundTripForm.skopeo("copy", gzip, store.inPlace("image"), "oci:" + layout);
        run("umoci", "raw", "unpack", "--image", layout, to);
        return LaminaStore.lines(to);
      }
      case PODMAN -> {
        store.run("save", "-o", scratch + "/archive", "image");
        String image = podman.load(scratch + "/archive");
        try {
          return LaminaStore.lines(podman.run("image", "mount", image));
        } finally {
          podman.run("image", "umount", image);
        }
      }
      default -> {
        store.run("export", "-o", scratch + "/tar", "image");
        run(
            "tar",
            "--xattrs",
            "--xattrs-include=*",
            "--numeric-owner",
            "-xpf",
            scratch + "/tar",
            "-C",
            to);
        return LaminaStore.lines(to);
      }
    }
  }

  /** A tree without what this reader is known to lose. */
  Map<String, String> kept(Map<String, String> tree) {
    Map<String, String> kept = new TreeMap<>(tree);
    if (this == PODMAN) {
      // It leaves the root directory as it makes it, and has no times before 1970.
      kept.remove("");
      kept.computeIfPresent(
          RoundTripImage.OLD, (path, line) -> line.replaceFirst("mtime \\S+", "mtime early"));
    }
    if (this == PODMAN || this == UMOCI) {
      // Go's archive/tar takes an extended attribute without a value for none.
      kept.computeIfPresent(
          RoundTripImage.ATTRIBUTES,
          (path, line) -> line.replace(RoundTripImage.EMPTY + "=, ", ""));
    }
    return kept;
  }

  private static void run(String... command) {
    Commands.run(Lamina.TIMEOUT, command).succeed();
  }
}
