package dev.lamina.image.store;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Reads a stream in a thread of its own, a few blocks ahead: receiving and decompressing go on
 * while what came before is written. Memory is bounded by {@link #BLOCKS} blocks.
 */
final class ReadAhead extends InputStream {
  private static final int BLOCK = 128 << 10;
  private static final int BLOCKS = 16;
  private static final long PATIENCE_MILLIS = 200;

  /** A part of the stream; the length of the last one is negative. */
  private record Block(byte[] bytes, int length) {}

  /** The end of the stream, made beforehand because it is needed also when memory runs out. */
  private static final Block END = new Block(null, -1);

  private final InputStream source;
  private final Closeable origin;
  private final BlockingQueue<Block> filled = new ArrayBlockingQueue<>(BLOCKS);
  private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(BLOCKS);
  private final Thread thread;
  private volatile boolean closed;

  /** The error that ended the reading; set before the last block is offered. */
  private volatile Throwable failure;

  private Block current = new Block(new byte[0], 0);
  private int at;

  /**
   * @param source belongs to this object, which closes it
   * @param origin what the source reads from; it is closed to end a read that is under way, for
   *     which the source itself must not be closed (a decoder would lose its memory while it
   *     decodes)
   */
  ReadAhead(InputStream source, Closeable origin, String name) {
    this.source = source;
    this.origin = origin;
    thread = new Thread(this::readAll, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void readAll() {
    try {
      int length;
      do {
        byte[] bytes = free.poll();
        bytes = bytes == null ? new byte[BLOCK] : bytes;
        length = source.readNBytes(bytes, 0, BLOCK);
        if (length > 0) {
          put(new Block(bytes, length));
        }
      } while (length == BLOCK && !closed);
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
    }
    put(END);
  }

  private void put(Block block) {
    try {
      while (!closed && !filled.offer(block, PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
        // The reader is slower, or has given up.
        continue;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public int read() throws IOException {
    return next() ? current.bytes[at++] & 0xff : -1;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!next()) {
      return -1;
    }
    int copied = Math.min(length, current.length - at);
    System.arraycopy(current.bytes, at, buffer, offset, copied);
    at += copied;
    return copied;
  }

  /** Makes sure that the current block has a byte left; returns false at the end. */
  private boolean next() throws IOException {
    if (current.length < 0) {
      return ended();
    }
    if (at < current.length) {
      return true;
    }
    if (current.length > 0) {
      free.offer(current.bytes);
    }
    try {
      current = filled.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    at = 0;
    return current.length > 0 || ended();
  }

  private boolean ended() throws IOException {
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure != null) {
      throw new IOException(failure.toString(), failure);
    }
    return false;
  }

  /** Ends the thread, and closes the source. */
  @Override
  public void close() throws IOException {
    closed = true;
    if (current.length >= 0) {
      // The read that is under way lasts as long as the network is silent.
      origin.close();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    source.close();
  }
}
