package dev.lamina.image.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import java.util.ArrayList;
import java.util.List;

/**
 * The path of an archive's entry within its layer, which it is checked not to leave. A leading
 * slash and components {@code .} are ignored; {@code ..} is refused.
 */
final class EntryPath {
  /** NAME_MAX of limits.h. */
  private static final int MAX_NAME = 255;

  /** The prefix of a whiteout's name, before the name that it hides. */
  static final String WHITEOUT = ".wh.";

  /** PATH_MAX of limits.h, without its NUL. */
  private static final int MAX_PATH = 4095;

  private final String text;
  private final byte[][] components;

  private EntryPath(String text, byte[][] components) {
    this.text = text;
    this.components = components;
  }

  /**
   * @param name with each byte as one character
   */
  static EntryPath of(String name) throws ImageException {
    if (name.length() > MAX_PATH) {
      throw wrong(name, "is longer than " + MAX_PATH + " bytes");
    }
    List<byte[]> components = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= name.length(); i++) {
      if (i < name.length() && name.charAt(i) != '/') {
        if (name.charAt(i) == 0) {
          throw wrong(name, "contains a NUL");
        }
        continue;
      }
      String component = name.substring(start, i);
      start = i + 1;
      if (component.equals("..")) {
        throw wrong(name, "leads out of the layer (\"..\")");
      }
      int longest = component.startsWith(WHITEOUT) ? WHITEOUT.length() : 0;
      if (component.length() > longest + MAX_NAME) {
        throw wrong(name, "has a component of more than " + MAX_NAME + " bytes");
      }
      if (!component.isEmpty() && !component.equals(".")) {
        components.add(component.getBytes(ISO_8859_1));
      }
    }
    return new EntryPath(name, components.toArray(byte[][]::new));
  }

  private static ImageException wrong(String name, String what) {
    return new ImageException("the path " + Messages.quote(name) + " " + what);
  }

  /** Returns true for the layer's root directory. */
  boolean isRoot() {
    return components.length == 0;
  }

  /** Returns how many directories are above this path, the root not counted. */
  int parents() {
    return Math.max(components.length - 1, 0);
  }

  /** Returns the name of one of these directories; the one at level 0 is in the root. */
  byte[] parent(int level) {
    return components[level];
  }

  /** Returns the last component, which is empty for the root. */
  byte[] name() {
    return isRoot() ? new byte[0] : components[components.length - 1];
  }

  /** Returns a key that is the same for two paths of the same object. */
  String key() {
    return new String(joined(components.length), ISO_8859_1);
  }

  /** Returns the first components, joined by slashes. */
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

  /** Returns the path for a message, quoted. */
  @Override
  public String toString() {
    return Messages.quote(text);
  }
}
