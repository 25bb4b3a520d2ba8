package dev.lamina.sys;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Log lines. Nothing of logging is loaded before the first of them, because that takes as long as
 * mounting does; and a line never fails, because whoever writes one has something more important to
 * end: without memory for it, it is lost.
 */
public final class Log {
  private static volatile boolean showsDebug;

  private Log() {}

  /** From now on {@link #debug} writes. */
  public static void showDebug() {
    showsDebug = true;
  }

  /** A line for {@code --debug} alone. */
  public static void debug(Class<?> from, String format, Object... arguments) {
    if (showsDebug) {
      write(Level.DEBUG, from, format, arguments);
    }
  }

  /** What somebody who watches wants to know, and nobody has to act on. */
  public static void info(Class<?> from, String format, Object... arguments) {
    write(Level.INFO, from, format, arguments);
  }

  /**
   * Something went wrong that nobody gets an error for.
   *
   * @param arguments for each {@code {}} of the format; a last {@link Throwable} is shown whole
   */
  public static void warn(Class<?> from, String format, Object... arguments) {
    write(Level.WARN, from, format, arguments);
  }

  /** Something went wrong that should not be possible; arguments as for {@link #warn}. */
  public static void error(Class<?> from, String format, Object... arguments) {
    write(Level.ERROR, from, format, arguments);
  }

  private static void write(Level level, Class<?> from, String format, Object... arguments) {
    try {
      Logger logger = LoggerFactory.getLogger(from);
      switch (level) {
        case DEBUG -> logger.debug(format, arguments);
        case INFO -> logger.info(format, arguments);
        case WARN -> logger.warn(format, arguments);
        default -> logger.error(format, arguments);
      }
    } catch (Throwable e) {
      // Out of memory or of stack, most likely; there is nobody to tell.
      return;
    }
  }
}
