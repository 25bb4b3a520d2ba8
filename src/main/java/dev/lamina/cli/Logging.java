package dev.lamina.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.slf4j.LoggerFactory;

/** Where log lines go: a file opened before the mount serves, or standard error. */
final class Logging {
  private static final String PATTERN = "%d{HH:mm:ss.SSS} %-5level %msg%n%ex";

  private Logging() {}

  /**
   * @param file null for standard error
   * @throws UsageException when the file cannot be opened
   */
  static void configure(String file, boolean debug) throws UsageException {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.setCharset(StandardCharsets.ISO_8859_1);
    encoder.start();
    OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.setOutputStream(file == null ? Console.ERR : open(file));
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(debug ? Level.DEBUG : Level.INFO);
    root.addAppender(appender);
  }

  private static OutputStream open(String file) throws UsageException {
    try {
      return new FileOutputStream(file, true);
    } catch (IOException e) {
      throw new UsageException("the log file cannot be opened: " + e.getMessage());
    }
  }
}
