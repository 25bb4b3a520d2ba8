package dev.lamina.cli.tree;

import dev.lamina.image.Digest;
import dev.lamina.image.History;
import dev.lamina.image.Messages;
import java.util.function.LongFunction;
import java.util.regex.Pattern;

/**
 * How things are worded for people. All that others wrote is made harmless for a terminal.
 *
 * @param isWhole digests and steps are not shortened
 * @param sizes how a number of bytes is written
 */
public record Labels(boolean isWhole, LongFunction<String> sizes) {
  private static final String NO_NAME = "<none>";

  /** On every layer that it makes. */
  private static final String BUILDKIT_COMMENT = "buildkit.";

  /** What docker build puts in front of every step, and buildkit behind it. */
  private static final Pattern ALWAYS_THERE =
      Pattern.compile("^(/bin/sh -c (#\\(nop\\) *)?|RUN /bin/sh -c )|\\s*# buildkit\\s*$");

  private static final Pattern BLANKS = Pattern.compile("\\s+");

  String id(Digest digest) {
    return isWhole ? digest.toString() : digest.abbreviated();
  }

  /** With a tilde in front where it is not exact. */
  String size(Size size) {
    return (size.isExact() ? "" : "~") + sizes.apply(size.bytes());
  }

  /** How a layer came to be, and in parentheses what its maker says; empty where nobody tells. */
  static String wholeStep(History step) {
    String createdBy = step == null || step.createdBy() == null ? "" : step.createdBy();
    String comment = step == null || step.comment() == null ? "" : step.comment();
    if (comment.isEmpty() || comment.startsWith(BUILDKIT_COMMENT)) {
      return createdBy;
    }
    return createdBy.isEmpty() ? comment : createdBy + " (" + comment + ")";
  }

  /**
   * The same, without what everybody knows.
   *
   * @param length in characters, unless it is to be whole
   */
  String step(History step, int length) {
    String text = wholeStep(step);
    if (isWhole) {
      return Messages.plain(text);
    }
    String plain =
        Messages.plain(
            BLANKS
                .matcher(ALWAYS_THERE.matcher(text.strip()).replaceAll(""))
                .replaceAll(" ")
                .strip());
    if (plain.codePointCount(0, plain.length()) <= length) {
      return plain;
    }
    return plain.substring(0, plain.offsetByCodePoints(0, length - 1)) + "~";
  }

  /** The names of an image; its ID where it has none. */
  String names(Image image) {
    return image.names().isEmpty()
        ? NO_NAME + " " + id(image.id())
        : Messages.plain(String.join(", ", image.names()));
  }

  String summary(Summary summary) {
    if (summary.images() == 0) {
      return "no images";
    }
    String line =
        count(summary.images(), "image")
            + ", "
            + count(summary.layers(), "layer")
            + ": "
            + size(summary.stored());
    return summary.shared().bytes() == 0
        ? line
        : line
            + ", "
            + size(summary.shared())
            + " of it shared; apart, the images would take "
            + size(summary.apart());
  }

  static String count(int count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }
}
