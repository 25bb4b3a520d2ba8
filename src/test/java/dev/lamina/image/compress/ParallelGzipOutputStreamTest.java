package dev.lamina.image.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.testing.Commands;
import dev.lamina.testing.Waiting;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
class ParallelGzipOutputStreamTest {
  private static final int BLOCK = ParallelGzipOutputStream.BLOCK;

  /** Makes data that is partly random and partly repeated, also across the boundary of blocks. */
  private static byte[] data(int size) {
    Random random = new Random(size);
    byte[] data = new byte[size];
    for (int at = 0; at < size; ) {
      int length = Math.min(size - at, 1 + random.nextInt(5000));
      if (at > 40_000 && random.nextBoolean()) {
        System.arraycopy(data, at - 1 - random.nextInt(30_000), data, at, Math.min(length, 1000));
        length = Math.min(length, 1000);
      } else {
        for (int i = 0; i < length; i++) {
          data[at + i] = (byte) (random.nextInt(4) == 0 ? random.nextInt() : 'a');
        }
      }
      at += length;
    }
    return data;
  }

  private static byte[] compress(byte[] data, int threads, int step) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new ParallelGzipOutputStream(out, 6, threads)) {
      for (int at = 0; at < data.length; at += step) {
        gzip.write(data, at, Math.min(step, data.length - at));
      }
    }
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 7 * BLOCK + 12_345})
  void isTheSameForAnyNumberOfThreads(int size) throws IOException {
    byte[] data = data(size);
    byte[] compressed = compress(data, 1, 1 << 16);
    assertArrayEquals(compressed, compress(data, 2, 999));
    assertArrayEquals(compressed, compress(data, 8, size + 1));
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(compressed))) {
      assertArrayEquals(data, in.readAllBytes());
    }
  }

  @Test
  void gzipTakesItForGood(@TempDir Path directory) throws IOException {
    byte[] data = data(3 * BLOCK + 17);
    Path file = directory.resolve("data.gz");
    Files.write(file, compress(data, 3, 4096));
    Commands.run("gzip", "-t", file.toString()).succeed();
    Commands.run("gzip", "-d", file.toString()).succeed();
    assertArrayEquals(data, Files.readAllBytes(directory.resolve("data")));
  }

  /** The dictionary carries over to the next block, where repeated data takes almost no space. */
  @Test
  void blocksKnowWhatCameBefore() throws IOException {
    byte[] random = new byte[20_000];
    new Random(1).nextBytes(random);
    byte[] data = new byte[2 * BLOCK];
    System.arraycopy(random, 0, data, BLOCK - random.length, random.length);
    System.arraycopy(random, 0, data, BLOCK, random.length);
    int size = compress(data, 2, 1 << 16).length;
    assertTrue(size < 1.3 * random.length, size + " bytes");
  }

  @Test
  void dataThatDoesNotShrinkHasRoom() throws IOException {
    byte[] data = new byte[4 * BLOCK + 1];
    new Random(2).nextBytes(data);
    byte[] compressed = compress(data, 2, 1 << 16);
    assertTrue(compressed.length < 1.001 * data.length, compressed.length + " bytes");
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(compressed))) {
      assertArrayEquals(data, in.readAllBytes());
    }
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("gzip-"))
        .count();
  }

  @Test
  void errorOfTheTargetReachesTheWriterAndEndsTheThreads() {
    OutputStream full =
        new OutputStream() {
          private int left = BLOCK / 2;

          @Override
          public void write(int value) throws IOException {
            write(new byte[1], 0, 1);
          }

          @Override
          public void write(byte[] buffer, int offset, int length) throws IOException {
            left -= length;
            if (left < 0) {
              throw new IOException("no space left");
            }
          }
        };
    ParallelGzipOutputStream gzip = new ParallelGzipOutputStream(full, 1, 4);
    byte[] random = new byte[BLOCK];
    new Random(3).nextBytes(random);
    IOException thrown =
        assertThrows(
            IOException.class,
            () -> {
              for (int i = 0; i < 40; i++) {
                gzip.write(random, 0, random.length);
              }
            });
    assertEquals("no space left", thrown.getMessage());
    assertThrows(IOException.class, () -> gzip.write(1));
    assertThrows(IOException.class, gzip::close, "it is not whole");
    Waiting.until("the threads end", () -> threads() == 0);
  }

  @Test
  void threadsEndWithTheStream() throws IOException {
    compress(data(5 * BLOCK), 8, 1 << 16);
    ParallelGzipOutputStream aborted =
        new ParallelGzipOutputStream(OutputStream.nullOutputStream(), 9, 3);
    aborted.write(data(3 * BLOCK), 0, 3 * BLOCK);
    aborted.abort();
    Waiting.until("the threads end", () -> threads() == 0);
  }
}
