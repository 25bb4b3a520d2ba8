package dev.lamina.image.layer;

import static dev.lamina.testing.Tree.bytes;
import static dev.lamina.testing.Tree.ok;

import dev.lamina.layer.DescriptorCache;
import dev.lamina.layer.DirectoryLayer;
import dev.lamina.layer.Layer;
import dev.lamina.layer.LayerStack;
import dev.lamina.sys.Linux;
import dev.lamina.sys.OpenFlags;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Opens directories as a stack of layers, and writes archives and lists of changes from them. */
public final class Stacks {
  private Stacks() {}

  /** Opens a stack, topmost layer first, with few descriptors. */
  public static LayerStack open(List<Path> directories) {
    return open(directories, 8);
  }

  public static LayerStack open(List<Path> directories, int descriptors) {
    DescriptorCache cache = new DescriptorCache(descriptors);
    List<Layer> layers = new ArrayList<>();
    for (Path directory : directories) {
      int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
      int fd = ok(Linux.openat(Linux.AT_FDCWD, bytes(directory.toString()), flags, 0));
      layers.add(new DirectoryLayer(layers.size(), false, directory.toString(), fd, cache));
    }
    return new LayerStack(layers);
  }

  /** Returns the layer that the first directory is on top of the others. */
  public static byte[] diff(List<Path> directories) {
    return diff(directories, new TarOptions(Stacks::fail));
  }

  public static byte[] diff(List<Path> directories, TarOptions options) {
    try (LayerStack stack = open(directories)) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      new LayerDiff(stack, options).writeTo(out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Options for trees that an archive can hold completely. */
  public static void fail(String warning) {
    throw new AssertionError("warned: " + warning);
  }

  /** Returns lines such as {@code A path}, with paths in ISO 8859-1. */
  public static List<String> changes(List<Path> directories) {
    List<String> lines = new ArrayList<>();
    try (LayerStack stack = open(directories)) {
      Changes.ofUpper(stack, change -> lines.add(line(change)));
      return lines;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static String line(Change change) {
    return change.kind().letter() + " " + text(change.path());
  }

  public static String text(byte[] bytes) {
    return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
  }
}
