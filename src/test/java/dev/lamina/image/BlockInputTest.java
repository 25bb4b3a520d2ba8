package dev.lamina.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;

class BlockInputTest {
  /** A subclass that sees every byte, however the stream is read. */
  private static final class Counting extends BlockInput {
    long count;

    Counting(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = in.read(buffer, offset, length);
      count += Math.max(read, 0);
      return read;
    }
  }

  @Test
  void bytesAreReadAsBlocksOfOne() throws IOException {
    Counting stream = new Counting(new ByteArrayInputStream(new byte[] {1, -1}));
    assertEquals(1, stream.read());
    assertEquals(0xff, stream.read());
    assertEquals(-1, stream.read());
    assertEquals(2, stream.count);
  }

  @Test
  void whatIsSkippedIsRead() throws IOException {
    Counting stream = new Counting(new ByteArrayInputStream(new byte[200_000]));
    assertEquals(0, stream.skip(-1));
    assertEquals(0, stream.skip(0));
    assertEquals(5, stream.skip(5));
    stream.skipNBytes(150_000);
    assertEquals(150_005, stream.count);
    long skipped = stream.skip(Long.MAX_VALUE);
    assertEquals(150_005 + skipped, stream.count);
    stream.transferTo(OutputStream.nullOutputStream());
    assertEquals(0, stream.skip(1));
    assertEquals(200_000, stream.count);
    assertFalse(stream.markSupported());
  }

  @Test
  void aStreamOfItsOwnHasNothingBelow() throws IOException {
    try (BlockInput stream =
        new BlockInput() {
          @Override
          public int read(byte[] buffer, int offset, int length) {
            return -1;
          }
        }) {
      assertEquals(0, stream.available());
      assertEquals(-1, stream.read());
    }
  }
}
