package dev.lamina.cli;

import dev.lamina.image.Messages;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A table of text, whose columns are as wide as their widest value. */
final class Table {
  private static final String GAP = "  ";

  private final List<String[]> lines = new ArrayList<>();

  Table(String... head) {
    lines.add(head);
  }

  void add(String... line) {
    lines.add(line);
  }

  void print() {
    int[] widths = new int[lines.get(0).length];
    for (String[] line : lines) {
      for (int i = 0; i < line.length; i++) {
        line[i] = Messages.printable(line[i]);
        widths[i] = Math.max(widths[i], line[i].length());
      }
    }
    for (String[] line : lines) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < line.length; i++) {
        text.append(line[i]);
        if (i < line.length - 1) {
          text.append(" ".repeat(widths[i] - line[i].length())).append(GAP);
        }
      }
      Console.OUT.println(text);
    }
  }

  /** Returns a size with three digits and a unit, in powers of 1000 as docker writes it. */
  static String size(long bytes) {
    String[] units = {"B", "kB", "MB", "GB", "TB"};
    double size = bytes;
    int unit = 0;
    while (size >= 999.5 && unit < units.length - 1) {
      size /= 1000;
      unit++;
    }
    if (unit == 0) {
      return bytes + units[0];
    }
    String digits = size < 9.995 ? "%.2f" : size < 99.95 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, digits, size) + units[unit];
  }

  /** Returns how long ago a time was, in docker's words. */
  static String ago(String created) {
    if (created == null) {
      return "";
    }
    long seconds;
    try {
      Instant then = OffsetDateTime.parse(created).toInstant();
      seconds = Duration.between(then, Instant.now()).toSeconds();
    } catch (DateTimeException e) {
      return "";
    }
    long[] lengths = {31_536_000, 2_592_000, 604_800, 86_400, 3_600, 60, 1};
    String[] names = {"year", "month", "week", "day", "hour", "minute", "second"};
    for (int i = 0; i < lengths.length; i++) {
      long count = seconds / lengths[i];
      if (count > 0) {
        return count + " " + names[i] + (count == 1 ? "" : "s") + " ago";
      }
    }
    return "just now";
  }
}
