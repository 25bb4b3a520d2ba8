package dev.lamina.image.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lamina.image.Digest;
import dev.lamina.image.MediaTypes;
import dev.lamina.testing.Commands;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("slow")
class LayerWriterTest {
  @TempDir private Path directory;

  private static byte[] data(int size) {
    byte[] data = new byte[size];
    new Random(5).nextBytes(data);
    for (int i = 0; i < size; i++) {
      data[i] = data[i] < 100 ? (byte) (i / 5) : data[i];
    }
    return data;
  }

  private static WrittenLayer write(
      byte[] data, LayerCompression compression, int threads, OutputStream out) throws IOException {
    int level = compression.defaultLevel();
    try (LayerWriter writer = new LayerWriter(out, compression, level, threads)) {
      writer.tar().write(data, 0, data.length / 3);
      writer.tar().write(data, data.length / 3, data.length - data.length / 3);
      return writer.finish();
    }
  }

  @ParameterizedTest
  @EnumSource(LayerCompression.class)
  void tellsTheDigestsOfBoth(LayerCompression compression) throws IOException {
    byte[] data = data(5_000_000);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    WrittenLayer layer = write(data, compression, 2, out);
    assertEquals(Digest.of(data), layer.diffId());
    assertEquals(data.length, layer.tarSize());
    assertEquals(Digest.of(out.toByteArray()), layer.descriptor().digest());
    assertEquals(out.size(), layer.descriptor().size());
    for (int threads : new int[] {1, 8}) {
      ByteArrayOutputStream again = new ByteArrayOutputStream();
      assertEquals(layer, write(data, compression, threads, again), threads + " threads");
    }
  }

  @Test
  void programsReadIt() throws IOException {
    byte[] data = data(5_000_000);
    for (LayerCompression compression : LayerCompression.values()) {
      Path file = directory.resolve(compression.name());
      try (OutputStream out = Files.newOutputStream(file)) {
        write(data, compression, 2, out);
      }
      Path decompressed = directory.resolve("decompressed");
      String program =
          switch (compression) {
            case NONE -> "cat";
            case GZIP -> "gzip -t " + file + " && gzip -dc";
            case ZSTD -> "zstd -q -t " + file + " && zstd -q -dc";
          };
      Commands.run("sh", "-c", program + " < " + file + " > " + decompressed).succeed();
      assertArrayEquals(data, Files.readAllBytes(decompressed), compression.name());
    }
  }

  @Test
  void mediaTypesAreTheSpecifications() throws IOException {
    OutputStream out = OutputStream.nullOutputStream();
    assertEquals(
        MediaTypes.LAYER, write(data(10), LayerCompression.NONE, 1, out).descriptor().mediaType());
    assertEquals(
        MediaTypes.LAYER_GZIP,
        write(data(10), LayerCompression.GZIP, 1, out).descriptor().mediaType());
    assertEquals(
        MediaTypes.LAYER_ZSTD,
        write(data(10), LayerCompression.ZSTD, 1, out).descriptor().mediaType());
  }

  /** A layer that was not finished has no end that would make it look whole. */
  @ParameterizedTest
  @EnumSource(
      value = LayerCompression.class,
      names = {"GZIP", "ZSTD"})
  void brokenOffIsNotWhole(LayerCompression compression) throws IOException {
    Path file = directory.resolve("broken");
    try (OutputStream out = Files.newOutputStream(file)) {
      LayerWriter writer = new LayerWriter(out, compression, 3, 2);
      writer.tar().write(data(5_000_000));
      writer.close();
      writer.close();
      assertThrows(IOException.class, writer::finish);
    }
    String program = compression == LayerCompression.GZIP ? "gzip" : "zstd";
    // gzip tests a file without the suffix .gz only as standard input.
    Commands.Result result = Commands.run("sh", "-c", program + " -t < " + file);
    assertFalse(result.status() == 0 && Files.size(file) > 0, "taken for whole");
  }

  @ParameterizedTest
  @EnumSource(LayerCompression.class)
  void errorsReachTheCaller(LayerCompression compression) {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw new IOException("no space left");
          }
        };
    IOException thrown =
        assertThrows(IOException.class, () -> write(data(6_000_000), compression, 2, full));
    assertEquals("no space left", thrown.getMessage());
  }
}
