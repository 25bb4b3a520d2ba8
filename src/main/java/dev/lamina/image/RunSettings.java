package dev.lamina.image;

import java.util.List;
import java.util.Map;

/**
 * What a container of an image is run with (OCI image specification, image configuration,
 * "config"); what is not told is empty.
 *
 * @param env {@code NAME=VALUE}
 * @param user {@code USER[:GROUP]}, names or numbers
 */
public record RunSettings(
    List<String> env,
    List<String> entrypoint,
    List<String> cmd,
    String user,
    String workingDirectory,
    String stopSignal,
    Map<String, String> labels) {}
