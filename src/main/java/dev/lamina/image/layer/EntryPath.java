package dev.lamina.image.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import dev.lamina.image.Words;
import java.util.ArrayList;
import java.util.List;

/**
 * The path of an archive's entry within its layer, checked: no component leads out of it. A leading
 * slash and components {@code .} say nothing; {@code ..} is refused.
 */
final class EntryPath {
  /** NAME_MAX of limits.h. */
  private static final int LONGEST_NAME = 255;

  /** A whiteout's name is that which it hides, and this before it. */
  static final String WHITEOUT = ".wh.";

  /** PATH_MAX of limits.h, without its NUL. */
  private static final int LONGEST_PATH = 4095;

  private final String text;
  private final byte[][] components;

  private EntryPath(String text, byte[][] components) {
    this.text = text;
    this.components = components;
  }

  /**
   * @param name each byte as a character
   */
  static EntryPath of(String name) throws ImageException {
    if (name.length() > LONGEST_PATH) {
      throw wrong(name, "is longer than any path can be");
    }
    List<byte[]> components = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= name.length(); i++) {
      if (i < name.length() && name.charAt(i) != '/') {
        if (name.charAt(i) == 0) {
          throw wrong(name, "has a NUL in it");
        }
        continue;
      }
      String component = name.substring(start, i);
      start = i + 1;
      if (component.equals("..")) {
        throw wrong(name, "leads out of the layer (\"..\")");
      }
      int longest = component.startsWith(WHITEOUT) ? WHITEOUT.length() : 0;
      if (component.length() > longest + LONGEST_NAME) {
        throw wrong(name, "has a component longer than any name can be");
      }
      if (!component.isEmpty() && !component.equals(".")) {
        components.add(component.getBytes(ISO_8859_1));
      }
    }
    return new EntryPath(name, components.toArray(byte[][]::new));
  }

  private static ImageException wrong(String name, String what) {
    return new ImageException("the path " + Words.quote(name) + " " + what);
  }

  /** True for the layer's root directory. */
  boolean isRoot() {
    return components.length == 0;
  }

  /** How many directories are above it, the root left out. */
  int parents() {
    return Math.max(components.length - 1, 0);
  }

  /** The name of the directory above it at a level, 0 being one in the root. */
  byte[] parent(int level) {
    return components[level];
  }

  /** The last component; the empty name for the root. */
  byte[] name() {
    return isRoot() ? new byte[0] : components[components.length - 1];
  }

  /** The same for two paths that name the same object. */
  String key() {
    return new String(joined(components.length), ISO_8859_1);
  }

  /** The first components, joined by slashes. */
  byte[] joined(int count) {
    int length = Math.max(count - 1, 0);
    for (int i = 0; i < count; i++) {
      length += components[i].length;
    }
    byte[] all = new byte[length];
    int at = 0;
    for (int i = 0; i < count; i++) {
      System.arraycopy(components[i], 0, all, at, components[i].length);
      at += components[i].length;
      if (i < count - 1) {
        all[at++] = '/';
      }
    }
    return all;
  }

  /** For messages. */
  @Override
  public String toString() {
    return Words.quote(text);
  }
}
