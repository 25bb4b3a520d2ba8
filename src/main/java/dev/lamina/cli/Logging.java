package dev.lamina.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import dev.lamina.fuse.MountException;
import dev.lamina.sys.Errno;
import dev.lamina.sys.Fd;
import dev.lamina.sys.Linux;
import dev.lamina.sys.Log;
import dev.lamina.sys.Memory;
import dev.lamina.sys.OpenFlags;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.ZoneId;
import org.slf4j.LoggerFactory;

/**
 * Configures where log lines go: to a file that is opened before the mount serves, or to standard
 * error. Logback finds this class as a service and calls it when the first line is written ({@link
 * Log}), or earlier when operations are logged.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class Logging extends ContextAwareBase implements Configurator {
  private static final String PATTERN = "%d{HH:mm:ss.SSS} %-5level %msg%n%ex";

  private static volatile OutputStream destination = Console.ERR;
  private static volatile Level level = Level.INFO;

  /**
   * Sets the destination and the level before the first line is logged.
   *
   * @param file null for standard error
   * @throws MountException when the file cannot be opened
   */
  static void prepare(String file, boolean debug) throws MountException {
    if (file != null) {
      destination = open(file);
    }
    if (debug) {
      level = Level.DEBUG;
      Log.showDebug();
      // The first line is logged while the mount is being made, by the thread that must answer the
      // kernel, so Logback is set up before.
      LoggerFactory.getILoggerFactory();
    }
    // This reads the runtime's time zones and /etc/localtime, which the mount may cover later.
    ZoneId.systemDefault();
  }

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.setCharset(ISO_8859_1);
    encoder.start();
    OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.setOutputStream(destination);
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(level);
    root.addAppender(appender);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static OutputStream open(String file) throws MountException {
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_APPEND;
    int fd = Linux.openat(Linux.AT_FDCWD, file.getBytes(ISO_8859_1), flags, 0644);
    if (fd < 0) {
      throw new MountException("cannot open the log file " + file + ": " + Errno.message(-fd));
    }
    return new DescriptorStream(new Fd(fd));
  }

  /**
   * A stream that appends to a file by its descriptor. The file is opened by the bytes of its name,
   * which java.io would convert.
   */
  private static final class DescriptorStream extends OutputStream {
    private static final int SIZE = 8192;

    private final Fd fd;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE);

    DescriptorStream(Fd fd) {
      this.fd = fd;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
      int done = 0;
      while (done < length) {
        int size = Math.min(SIZE, length - done);
        buffer.clear().put(bytes, offset + done, size);
        // The offset is ignored: with O_APPEND every write goes to the end (pwrite(2), BUGS).
        int written = Linux.pwrite(fd.number(), Memory.address(buffer), size, 0);
        if (written < 0) {
          throw new IOException(Errno.message(-written));
        }
        done += written;
      }
    }

    @Override
    public void close() {
      fd.close();
    }
  }
}
