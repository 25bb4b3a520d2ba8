package dev.lamina.image;

import java.util.List;
import java.util.Map;

/**
 * The settings for running a container of an image (OCI image specification, image configuration,
 * "config"). Missing settings are empty.
 *
 * @param env {@code NAME=VALUE}
 * @param user {@code USER[:GROUP]}, each a name or a number
 */
public record RunSettings(
    List<String> env,
    List<String> entrypoint,
    List<String> cmd,
    String user,
    String workingDirectory,
    String stopSignal,
    Map<String, String> labels) {}
