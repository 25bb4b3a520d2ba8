package dev.lamina.image.compress;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;

/**
 * Compresses with several threads into one gzip member (RFC 1952), which every program can read.
 *
 * <p>The data is cut into blocks of a fixed size. Each is compressed by itself, with the 32 KiB
 * before it as a dictionary, and ends at a byte boundary, as pigz does it. The output depends on
 * the data, the level and the version of zlib in use, but not on the number of threads or on how
 * the data was written.
 *
 * <p>One thread uses the stream; it also writes finished blocks to the stream below. At most two
 * blocks for each worker are in memory. An error of a worker or of the stream below is thrown by
 * the next write or by {@link #close}, which ends the workers in any case.
 */
public final class ParallelGzipOutputStream extends OutputStream {
  /** Bytes of data in a block. */
  static final int BLOCK = 1 << 20;

  private static final AtomicInteger THREADS = new AtomicInteger();

  /** Deflate, no flags, no time, no hints, no operating system (RFC 1952, section 2.3). */
  private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

  private final OutputStream out;
  private final ExecutorService workers;
  private final int level;
  private final int maxPending;

  /** All blocks; those that are not in use are in {@link #free} as well. */
  private final List<GzipBlock> blocks = new ArrayList<>();

  private final Deque<GzipBlock> free = new ArrayDeque<>();
  private final Deque<Future<GzipBlock>> pending = new ArrayDeque<>();
  private final CRC32 crc = new CRC32();
  private GzipBlock current;
  private long size;
  private boolean isStarted;
  private boolean isFinished;
  private boolean isClosed;

  /**
   * @param out is flushed at the end and not closed
   * @param level from 1, fastest, to 9, smallest
   * @param threads at least 1
   */
  public ParallelGzipOutputStream(OutputStream out, int level, int threads) {
    this.out = out;
    this.level = level;
    maxPending = 2 * threads;
    workers =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "gzip-" + THREADS.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    current = take();
  }

  private GzipBlock take() {
    GzipBlock block = free.poll();
    if (block == null) {
      block = new GzipBlock(BLOCK, level);
      blocks.add(block);
    }
    block.clear();
    return block;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    checkOpen();
    crc.update(buffer, offset, length);
    size += length;
    int at = offset;
    int end = offset + length;
    while (at < end) {
      if (current.isFull()) {
        GzipBlock next = take();
        next.continueAfter(current);
        submit(current, false);
        current = next;
      }
      at += current.add(buffer, at, end - at);
    }
  }

  private void checkOpen() throws IOException {
    if (isClosed) {
      throw new IOException("the compressed stream is closed or has failed before");
    }
  }

  private void submit(GzipBlock block, boolean isLast) throws IOException {
    if (pending.size() == maxPending) {
      writeFirst();
    }
    pending.add(
        workers.submit(
            () -> {
              block.compress(isLast);
              return block;
            }));
  }

  /** Waits for the next block in order, and writes it. */
  private void writeFirst() throws IOException {
    boolean isWritten = false;
    try {
      if (!isStarted) {
        isStarted = true;
        out.write(HEADER);
      }
      GzipBlock block = pending.remove().get();
      block.writeTo(out);
      free.add(block);
      isWritten = true;
    } catch (ExecutionException e) {
      throw new IOException("cannot compress: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while compressing");
    } finally {
      if (!isWritten) {
        abort();
      }
    }
  }

  /** Does nothing: blocks are written as they are finished. */
  @Override
  public void flush() {
    // Only whole blocks make the result independent of how the data was written.
  }

  /**
   * Compresses and writes the rest, and ends the threads.
   *
   * @throws IOException also when a write has failed before, so that incomplete output is not taken
   *     for the whole
   */
  @Override
  public void close() throws IOException {
    if (isFinished) {
      return;
    }
    checkOpen();
    try {
      submit(current, true);
      while (!pending.isEmpty()) {
        writeFirst();
      }
      // CRC and size modulo 2^32 (RFC 1952, section 2.3.1).
      ByteBuffer trailer = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      out.write(trailer.putInt((int) crc.getValue()).putInt((int) size).array());
      out.flush();
      isFinished = true;
    } finally {
      abort();
    }
  }

  /** Ends the threads without finishing the stream, for data that was not written to its end. */
  public void abort() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    pending.forEach(task -> task.cancel(false));
    pending.clear();
    workers.shutdown();
    boolean isInterrupted = false;
    boolean hasEnded = false;
    while (!hasEnded) {
      try {
        // Each worker has one block to finish.
        hasEnded = workers.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        isInterrupted = true;
      }
    }
    blocks.forEach(GzipBlock::close);
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
