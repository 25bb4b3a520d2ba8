package dev.lamina.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.testing.Commands;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What an image is written as before a fresh store reads it. */
enum RoundTripForm {
  OCI("oci:DIR, lamina push"),
  OCI_ARCHIVE("oci-archive, lamina save"),
  DOCKER_ARCHIVE("docker-archive, lamina save"),
  LOAD("lamina save, lamina load"),
  REGISTRY("registry, lamina push"),
  COMMIT_ZSTD("oci:DIR, commit --compression zstd"),
  COMMIT_NONE("oci:DIR, commit --compression none"),
  SKOPEO_IN_PLACE("skopeo into ROOT/images"),
  SKOPEO_OCI_ARCHIVE("oci-archive, skopeo"),
  SKOPEO_DOCKER_ARCHIVE("docker-archive, skopeo"),
  SKOPEO_DIR("dir:, skopeo"),
  SKOPEO_DIR_PLAIN("dir:, skopeo, uncompressed"),
  SKOPEO_DIR_V2S2("dir:, skopeo, docker v2s2"),
  SKOPEO_REGISTRY_V2S2("registry, skopeo, docker v2s2"),
  SKOPEO_ZSTD("oci:DIR, skopeo, zstd"),
  SKOPEO_ZSTD_CHUNKED("oci:DIR, skopeo, zstd:chunked"),
  PODMAN_DOCKER_ARCHIVE("docker-archive, podman load, save"),
  PODMAN_OCI_ARCHIVE("oci-archive, podman load, save");

  /** In the store where it was made: gzip, then the uppermost layer in other ways. */
  static final String IMAGE = "three";

  static final String ZSTD = "three-zstd";
  static final String PLAIN = "three-plain";

  private final String words;

  RoundTripForm(String words) {
    this.words = words;
  }

  /**
   * Brings the image into a fresh store as {@code image}.
   *
   * @param scratch an empty directory
   * @param registry host and port
   */
  void bring(
      LaminaStore from, LaminaStore to, Path scratch, RoundTripPodman podman, String registry) {
    String file = scratch.resolve("form").toString();
    switch (this) {
      case OCI -> push(from, IMAGE, to, "oci:" + file + ":t");
      case OCI_ARCHIVE -> {
        from.run("save", "--format", "oci-archive", "-o", file, IMAGE);
        pull(to, "oci-archive:" + file);
      }
      case DOCKER_ARCHIVE -> {
        from.run("save", "-o", file, IMAGE);
        pull(to, "docker-archive:" + file);
      }
      case LOAD -> {
        from.run("save", "-o", file, IMAGE);
        to.run("load", "-i", file);
        to.run("tag", IMAGE, "image");
      }
      case REGISTRY -> push(from, IMAGE, to, "docker://" + registry + "/lamina/image:t");
      case COMMIT_ZSTD -> {
        push(from, ZSTD, to, "oci:" + file + ":t");
        contains("oci:" + file + ":t", "tar+zstd");
      }
      case COMMIT_NONE -> {
        push(from, PLAIN, to, "oci:" + file + ":t");
        contains("oci:" + file + ":t", "layer.v1.tar\"");
      }
      case SKOPEO_IN_PLACE -> {
        to.run("images");
        skopeo("copy", from.inPlace(IMAGE), to.inPlace("image"));
      }
      case SKOPEO_OCI_ARCHIVE -> copy(from, to, "oci-archive:" + file + ":t", "");
      case SKOPEO_DOCKER_ARCHIVE -> copy(from, to, "docker-archive:" + file + ":some/image:t", "");
      case SKOPEO_DIR -> copy(from, to, "dir:" + file, "");
      case SKOPEO_DIR_PLAIN -> copy(from, to, "dir:" + file, "", "--dest-decompress");
      case SKOPEO_DIR_V2S2 ->
          copy(from, to, "dir:" + file, "docker.distribution.manifest.v2", "--format", "v2s2");
      case SKOPEO_REGISTRY_V2S2 ->
          copy(
              from,
              to,
              "docker://" + registry + "/skopeo/image:t",
              "docker.distribution.manifest.v2",
              "--format",
              "v2s2",
              "--dest-tls-verify=false");
      case SKOPEO_ZSTD ->
          copy(from, to, "oci:" + file + ":t", "tar+zstd", "--dest-compress-format", "zstd");
      case SKOPEO_ZSTD_CHUNKED ->
          copy(
              from,
              to,
              "oci:" + file + ":t",
              "zstd-chunked",
              "--dest-compress-format",
              "zstd:chunked");
      case PODMAN_DOCKER_ARCHIVE -> podman(from, to, podman, file, "docker-archive");
      case PODMAN_OCI_ARCHIVE -> podman(from, to, podman, file, "oci-archive");
    }
  }

  private static void pull(LaminaStore to, String source) {
    to.run("pull", "--tls-verify=false", source, "image");
  }

  private static void push(LaminaStore from, String image, LaminaStore to, String destination) {
    from.run("push", "--tls-verify=false", image, destination);
    pull(to, destination);
  }

  /** By skopeo, whose manifest must have some words that tell that it did as it was asked to. */
  private static void copy(
      LaminaStore from, LaminaStore to, String destination, String words, String... options) {
    List<String> arguments = new ArrayList<>(List.of("copy"));
    arguments.addAll(List.of(options));
    arguments.addAll(List.of(from.inPlace(IMAGE), destination));
    skopeo(arguments.toArray(String[]::new));
    contains(destination, words);
    pull(to, destination);
  }

  private static void contains(String image, String words) {
    List<String> command = new ArrayList<>(List.of("inspect", "--raw", image));
    if (image.startsWith("docker:")) {
      command.add(1, "--tls-verify=false");
    }
    String manifest = skopeo(command.toArray(String[]::new));
    assertTrue(manifest.contains(words), words + " in " + manifest);
  }

  private static void podman(
      LaminaStore from, LaminaStore to, RoundTripPodman podman, String file, String format) {
    from.run("save", "--format", format, "-o", file + ".ours", IMAGE);
    String image = podman.load(file + ".ours");
    podman.run("save", "--format", format, "-o", file, image);
    pull(to, format + ":" + file);
  }

  static String skopeo(String... arguments) {
    List<String> command = new ArrayList<>(List.of("skopeo"));
    command.addAll(List.of(arguments));
    Commands.Result result = Commands.run(Lamina.TIMEOUT, command.toArray(String[]::new));
    assertEquals(0, result.status(), () -> command + ": " + result.err());
    return result.out();
  }

  @Override
  public String toString() {
    return words;
  }
}
