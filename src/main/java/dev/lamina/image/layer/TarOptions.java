package dev.lamina.image.layer;

import java.util.function.Consumer;

/**
 * How trees are written as tars.
 *
 * @param latestTime in seconds since 1970; modification times after it are written as this one, as
 *     SOURCE_DATE_EPOCH has it (reproducible-builds.org): what was made by a build then does not
 *     depend on when it ran
 * @param warnings gets what users should know, a line at a time: objects that a tar cannot hold,
 *     and files that were changed while they were read
 */
public record TarOptions(long latestTime, Consumer<String> warnings) {
  /** All times as they are. */
  public TarOptions(Consumer<String> warnings) {
    this(Long.MAX_VALUE, warnings);
  }
}
