package dev.lamina.image.tar;

import dev.lamina.image.ImageException;
import dev.lamina.image.Words;
import java.util.ArrayDeque;
import java.util.Deque;

/** Names of an image archive's members. They are only looked up, and never opened on the host. */
public final class TarNames {
  private TarNames() {}

  /**
   * A name without {@code ./}, slashes at its ends and doubled ones; empty for the archive's root.
   *
   * @throws ImageException when it has a {@code ..}
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
   * The name that a symbolic link leads to, from the directory it lies in.
   *
   * @throws ImageException when it leads out of the archive
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
        shown + " has a member or link " + Words.quote(name) + ", which leads out of the archive");
  }
}
