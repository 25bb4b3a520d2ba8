package dev.lamina.cli.tree;

import dev.lamina.image.Digest;
import dev.lamina.image.History;
import dev.lamina.image.Messages;
import java.util.function.LongFunction;
import java.util.regex.Pattern;

/**
 * Formats digests, sizes, steps and names for people. Text that comes from images is made safe for
 * a terminal.
 *
 * @param isWhole whether digests and steps are shown without shortening
 * @param sizes formats a number of bytes
 */
public record Labels(boolean isWhole, LongFunction<String> sizes) {
  private static final String NO_NAME = "<none>";

  /** The prefix of the comment that buildkit writes to every layer it makes. */
  private static final String BUILDKIT_COMMENT = "buildkit.";

  /** The text that docker build puts in front of every step, and buildkit behind it. */
  private static final Pattern ALWAYS_THERE =
      Pattern.compile("^(/bin/sh -c (#\\(nop\\) *)?|RUN /bin/sh -c )|\\s*# buildkit\\s*$");

  private static final Pattern BLANKS = Pattern.compile("\\s+");

  String id(Digest digest) {
    return isWhole ? digest.toString() : digest.abbreviated();
  }

  /** Returns a size, with a tilde in front when it is not exact. */
  String size(Size size) {
    return (size.isExact() ? "" : "~") + sizes.apply(size.bytes());
  }

  /**
   * Returns the command that made a layer, with the comment in parentheses; empty without either.
   */
  static String wholeStep(History step) {
    String createdBy = step == null || step.createdBy() == null ? "" : step.createdBy();
    String comment = step == null || step.comment() == null ? "" : step.comment();
    if (comment.isEmpty() || comment.startsWith(BUILDKIT_COMMENT)) {
      return createdBy;
    }
    return createdBy.isEmpty() ? comment : createdBy + " (" + comment + ")";
  }

  /**
   * Returns the command that made a layer and the comment, without the text that every step has.
   *
   * @param length the limit in characters, ignored when steps are not shortened
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

  /** Returns the names of an image, or its ID if it has no name. */
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
