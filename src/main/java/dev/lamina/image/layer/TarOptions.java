package dev.lamina.image.layer;

import java.util.function.Consumer;

/**
 * The options for writing a tree as a tar archive.
 *
 * @param latestTime in seconds since 1970; later modification times are written as this one, as
 *     with SOURCE_DATE_EPOCH (reproducible-builds.org), so that the result of a build does not
 *     depend on when it ran
 * @param warnings receives warnings for users, one line each: objects that an archive cannot hold,
 *     and files that were changed while they were read
 */
public record TarOptions(long latestTime, Consumer<String> warnings) {
  /** Leaves all times as they are. */
  public TarOptions(Consumer<String> warnings) {
    this(Long.MAX_VALUE, warnings);
  }
}
