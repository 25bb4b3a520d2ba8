package dev.lamina.image.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lamina.image.ImageException;
import dev.lamina.image.Messages;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The names of members in an archive of images. They are only looked up and never opened on the
 * host.
 */
public final class TarNames {
  private TarNames() {}

  /**
   * Returns the name of a member that a document, which is text, refers to: the bytes of the text
   * in UTF-8, each held as one character.
   */
  public static String ofText(String text) {
    return new String(text.getBytes(UTF_8), ISO_8859_1);
  }

  /**
   * Returns a name without components {@code .}, slashes at its ends and repeated slashes. It is
   * empty for the root of the archive.
   *
   * @throws ImageException when it has a component {@code ..}
   */
  public static String normalized(String name, String shown) throws ImageException {
    StringBuilder all = new StringBuilder(name.length());
    for (String component : name.split("/")) {
      if (component.equals("..")) {
        throw leadsOut(name, shown);
      }
      if (!component.isEmpty() && !component.equals(".")) {
        all.append(all.isEmpty() ? "" : "/").append(component);
      }
    }
    return all.toString();
  }

  /**
   * Returns the name that a symbolic link refers to, relative to the root of the archive.
   *
   * @throws ImageException when the link leads out of the archive
   */
  public static String linked(String name, String target, String shown) throws ImageException {
    if (target.startsWith("/")) {
      throw leadsOut(target, shown);
    }
    Deque<String> components = new ArrayDeque<>();
    int slash = name.lastIndexOf('/');
    String all = (slash < 0 ? "" : name.substring(0, slash + 1)) + target;
    for (String component : all.split("/")) {
      if (component.equals("..")) {
        if (components.pollLast() == null) {
          throw leadsOut(target, shown);
        }
      } else if (!component.isEmpty() && !component.equals(".")) {
        components.addLast(component);
      }
    }
    return String.join("/", components);
  }

  private static ImageException leadsOut(String name, String shown) {
    return new ImageException(
        shown
            + " has a member or link "
            + Messages.quote(name)
            + ", which leads out of the archive");
  }
}
