package dev.lamina.image.compress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import dev.lamina.image.ImageException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class CompressionTest {
  private static final byte[] TEXT = text();

  private static byte[] text() {
    byte[] bytes = new byte[300_000];
    new Random(7).nextBytes(bytes);
    Arrays.fill(bytes, 50_000, 250_000, (byte) 'x');
    return bytes;
  }

  private static byte[] compressed(Compression compression, byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream encoder = encoder(compression, out)) {
      encoder.write(bytes);
    }
    return out.toByteArray();
  }

  private static OutputStream encoder(Compression compression, OutputStream out)
      throws IOException {
    return switch (compression) {
      case NONE -> out;
      case GZIP -> new GZIPOutputStream(out);
      case ZSTD -> new ZstdOutputStream(out).setChecksum(true);
      case XZ -> new XZOutputStream(out, new LZMA2Options(1));
    };
  }

  private static byte[] decompressed(byte[] bytes) throws IOException {
    return read(new ByteArrayInputStream(bytes));
  }

  private static byte[] read(InputStream in) throws IOException {
    try (InputStream out = Compression.decompressed(in)) {
      return out.readAllBytes();
    }
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  @ParameterizedTest
  @EnumSource
  void isReadWhole(Compression compression) throws IOException {
    byte[] bytes = compressed(compression, TEXT);
    assertSame(compression, Compression.of(bytes, bytes.length));
    assertArrayEquals(TEXT, decompressed(bytes));
    assertArrayEquals(joined(TEXT, TEXT), decompressed(joined(bytes, bytes)));
    assertArrayEquals(new byte[0], decompressed(compressed(compression, new byte[0])));
  }

  /**
   * A stream like that of a connection, which has a byte now and then and none available in
   * between.
   */
  @ParameterizedTest
  @EnumSource
  void isReadFromAConnection(Compression compression) throws IOException {
    byte[] bytes = compressed(compression, TEXT);
    InputStream slow =
        new FilterInputStream(new ByteArrayInputStream(joined(bytes, bytes))) {
          @Override
          public int read(byte[] buffer, int offset, int length) throws IOException {
            return super.read(buffer, offset, Math.min(length, 1));
          }

          @Override
          public int available() {
            return 0;
          }
        };
    assertArrayEquals(joined(TEXT, TEXT), read(slow));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void whatIsCutOffIsAnError(Compression compression) throws IOException {
    byte[] bytes = compressed(compression, TEXT);
    for (int length :
        new int[] {Compression.MAGIC_SIZE, 9, 100, bytes.length / 2, bytes.length - 1}) {
      for (byte[] before : new byte[][] {{}, bytes}) {
        byte[] cut = joined(before, Arrays.copyOf(bytes, length));
        String message = assertThrows(ImageException.class, () -> decompressed(cut)).getMessage();
        assertTrue(message.contains("truncated"), length + ": " + message);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void whatIsDamagedIsAnError(Compression compression) throws IOException {
    byte[] bytes = compressed(compression, TEXT);
    for (int place : new int[] {40_000, bytes.length / 2, bytes.length - 3}) {
      byte[] damaged = bytes.clone();
      damaged[place] ^= 0x55;
      assertThrows(ImageException.class, () -> decompressed(damaged), () -> "at " + place);
    }
    byte[] followed = joined(bytes, "something else".getBytes(UTF_8));
    assertThrows(ImageException.class, () -> decompressed(followed));
  }

  @ParameterizedTest
  @EnumSource
  void anErrorOfTheSourceStaysWhatItIs(Compression compression) throws IOException {
    IOException error = new EOFException("the connection was lost");
    byte[] bytes = compressed(compression, TEXT);
    InputStream broken =
        new SequenceInputStream(
            new ByteArrayInputStream(Arrays.copyOf(bytes, bytes.length / 2)),
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw error;
              }
            });
    assertSame(error, assertThrows(IOException.class, () -> read(broken)));
  }

  @Test
  void shortContentsAreNotCompressed() throws IOException {
    for (int length = 0; length < 3; length++) {
      byte[] bytes = Arrays.copyOf(new byte[] {0x1f, (byte) 0x8b}, length);
      assertArrayEquals(bytes, decompressed(bytes));
    }
  }

  @Test
  void gzipsHeaderMayHoldAnything() throws IOException {
    byte[] plain = compressed(Compression.GZIP, TEXT);
    byte[] body = Arrays.copyOfRange(plain, 10, plain.length);
    byte[] name = new byte[100_000];
    Arrays.fill(name, (byte) 'n');
    byte[] start = Arrays.copyOf(plain, 10);
    start[3] = 2 | 4 | 8 | 16;
    byte[] all =
        joined(start, new byte[] {3, 0, 1, 2, 3}, name, new byte[] {0, 'c', 0, 1, 1}, body);
    assertArrayEquals(TEXT, decompressed(all));
    start[3] = 0x20;
    byte[] reserved = joined(start, body);
    assertThrows(ImageException.class, () -> decompressed(reserved));
  }

  @Test
  void aZstdWindowIsBounded() throws IOException {
    // A frame of one block of three bytes (RFC 8878, section 3.1.1); the sixth byte is the window.
    byte[] frame = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, 0, 0x19, 0, 0, 'a', 'b', 'c'};
    frame[5] = (byte) (27 - 10 << 3);
    assertArrayEquals(new byte[] {'a', 'b', 'c'}, decompressed(frame));
    for (int log : new int[] {28, 31, 41}) {
      frame[5] = (byte) (log - 10 << 3);
      String message = assertThrows(ImageException.class, () -> decompressed(frame)).getMessage();
      assertTrue(message.contains("memory") || message.contains("Unsupported"), message);
    }
  }

  @Test
  void zstdsSkippableFramesAreSkipped() throws IOException {
    byte[] skippable = {0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};
    assertArrayEquals(TEXT, decompressed(joined(skippable, Zstd.compress(TEXT), skippable)));
    assertEquals(0, decompressed(skippable).length);
  }

  @Test
  void readsByteByByteAndAfterTheEnd() throws IOException {
    byte[] bytes = compressed(Compression.GZIP, new byte[] {1, (byte) 0xff});
    try (InputStream in = Compression.decompressed(new ByteArrayInputStream(bytes))) {
      assertEquals(1, in.read());
      assertEquals(0xff, in.read());
      assertEquals(-1, in.read());
      assertEquals(-1, in.read(new byte[5]));
    }
  }
}
