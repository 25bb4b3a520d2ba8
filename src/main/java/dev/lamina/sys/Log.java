package dev.lamina.sys;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Writes log messages. The logging library is loaded with the first message only, because that
 * takes as long as mounting does. Logging never throws, because the caller has more important work
 * to finish: a message is lost if there is no memory for it.
 */
public final class Log {
  private static volatile boolean showsDebug;

  private Log() {}

  /** Makes {@link #debug} write from now on. */
  public static void showDebug() {
    showsDebug = true;
  }

  /** Logs a message that is shown with {@code --debug} only. */
  public static void debug(Class<?> from, String format, Object... arguments) {
    if (showsDebug) {
      write(Level.DEBUG, from, format, arguments);
    }
  }

  /** Logs a message that may be of interest but needs no action. */
  public static void info(Class<?> from, String format, Object... arguments) {
    write(Level.INFO, from, format, arguments);
  }

  /**
   * Logs a failure that no caller gets an error for.
   *
   * @param arguments a value for each {@code {}} of the format; a {@link Throwable} at the end is
   *     shown with its stack trace
   */
  public static void warn(Class<?> from, String format, Object... arguments) {
    write(Level.WARN, from, format, arguments);
  }

  /** Logs a failure that should not be possible; see {@link #warn} for the arguments. */
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
      // Most likely there is no memory or stack left; the message is lost.
      return;
    }
  }
}
