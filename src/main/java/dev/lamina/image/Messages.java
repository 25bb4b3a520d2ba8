package dev.lamina.image;

import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Messages of others in messages of ours. */
public final class Messages {
  private static final int LONGEST = 200;

  private Messages() {}

  /** Returns what went wrong, also if the exception's message is just the name of a file. */
  public static String of(Throwable problem) {
    if (problem instanceof FileSystemException file && file.getReason() == null) {
      return file.getMessage() + ": " + reason(file);
    }
    return problem.getMessage() == null ? problem.toString() : problem.getMessage();
  }

  private static String reason(FileSystemException problem) {
    if (problem instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (problem instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (problem instanceof FileAlreadyExistsException) {
      return "it exists already";
    }
    if (problem instanceof DirectoryNotEmptyException) {
      return "the directory is not empty";
    }
    return problem instanceof NotDirectoryException ? "not a directory" : "cannot be used";
  }

  /**
   * What somebody else wrote, fit to be shown: not too long, and without characters that move a
   * terminal's cursor or change its colours.
   */
  public static String quote(String text) {
    int end = Math.min(text.length(), LONGEST);
    String shown = plain(text.substring(0, end));
    return end < text.length() ? shown + "…" : shown;
  }

  /** The same, of any length. */
  public static String plain(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      shown.append(Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c);
    }
    return shown.toString();
  }

  /** Returns a text of bytes on one line, whatever a file name in it holds. */
  public static String printable(String text) {
    StringBuilder line = new StringBuilder();
    for (char c : text.toCharArray()) {
      if (c < ' ' || c == 127) {
        line.append(String.format("\\x%02x", (int) c));
      } else {
        line.append(c);
      }
    }
    return line.toString();
  }
}
