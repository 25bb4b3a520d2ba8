package dev.lamina.mount;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lamina.fuse.GenericOptions;
import dev.lamina.fuse.ServiceThreads;
import dev.lamina.fuse.kernel.RingChoice;
import dev.lamina.union.UnionConfig;
import dev.lamina.union.data.PassthroughPolicy;
import dev.lamina.union.inode.Xino;
import java.util.ArrayList;
import java.util.List;

/**
 * Parses the value of {@code -o}, which has the syntax of mount(8), overlayfs and fuse-overlayfs:
 * options are separated by commas, and layers by colons. A backslash makes the character after it
 * an ordinary one, and so do the quotes around a label of SELinux. Strings have a character for
 * each byte (ISO-8859-1).
 */
public final class MountOptions {
  private static final int MOST_WORKERS = 1024;

  private final List<byte[]> lower = new ArrayList<>();
  private byte[] upper;
  private byte[] work;
  private boolean readOnly;
  private boolean isVolatile;
  private Xino xino = Xino.AUTO;
  private PassthroughPolicy.Choice passthrough = PassthroughPolicy.Choice.AUTO;
  private int overlaysAbove = -1;
  private RingChoice rings = RingChoice.IF_OFFERED;
  private int workers = ServiceThreads.DEFAULT_MOST;
  private boolean hasAcls = true;
  private boolean debug;
  private String source;
  private final List<String> generic = new ArrayList<>();
  private final List<String> unknown = new ArrayList<>();

  /** Adds the value of one {@code -o}; empty options are ignored. */
  public void add(String value) throws OptionException {
    int start = 0;
    while (start <= value.length()) {
      int end = end(value, start, ',');
      int equals = value.indexOf('=', start);
      if (value.startsWith("=\"", equals) && GenericOptions.isLabel(value.substring(start))) {
        int closing = value.indexOf('"', equals + 2);
        end = closing < 0 ? end : end(value, closing, ',');
      }
      if (end > start) {
        addOne(value.substring(start, end));
      }
      start = end + 1;
    }
  }

  private void addOne(String option) throws OptionException {
    int equals = option.indexOf('=');
    String name = equals < 0 ? option : option.substring(0, equals);
    String value = equals < 0 ? null : option.substring(equals + 1);
    if (value == null) {
      addFlag(name);
      return;
    }
    switch (name) {
      case "lowerdir" -> {
        for (String layer : split(value, ':')) {
          lower.add(path(name, layer));
        }
      }
      case "lowerdir+" -> lower.add(path(name, value));
      case "upperdir" -> upper = path(name, value);
      case "xino" -> xino = xino(value);
      case "passthrough" -> passthrough = passthrough(value);
      case "overlays_above" -> overlaysAbove = overlaysAbove(value);
      case "io_uring" -> rings = rings(value);
      case "workers" -> workers = workers(value);
      case "workdir" -> work = path(name, value);
      case "fsname" -> source = unescape(value);
      default -> {
        if (GenericOptions.contains(option)) {
          generic.add(name + "=" + quoted(value));
        } else if (!OptionTable.contains(name, value)) {
          unknown.add(option);
        }
      }
    }
  }

  /** Quotes a label where the kernel needs that: it ends a label without quotes at a comma. */
  private static String quoted(String label) {
    String plain = label.startsWith("\"") ? label : unescape(label);
    return plain.startsWith("\"") || !plain.contains(",") ? plain : '"' + plain + '"';
  }

  private void addFlag(String name) throws OptionException {
    switch (name) {
      case "ro" -> readOnly = true;
      case "rw" -> readOnly = false;
      case "volatile" -> isVolatile = true;
      case "noacl" -> hasAcls = false;
      case "debug" -> debug = true;
      default -> {
        if (GenericOptions.contains(name)) {
          generic.add(name);
        } else if (!OptionTable.contains(name, null)) {
          unknown.add(name);
        }
      }
    }
    if (name.equals("ro") || name.equals("rw")) {
      generic.add(name);
    }
  }

  /** Returns the options that are not known, as they were written. */
  public List<String> unknown() {
    return unknown;
  }

  private static Xino xino(String value) throws OptionException {
    return switch (value) {
      case "off" -> Xino.OFF;
      case "auto" -> Xino.AUTO;
      case "on" -> Xino.ON;
      default -> throw new OptionException("the option xino must be off, auto or on, not " + value);
    };
  }

  private static PassthroughPolicy.Choice passthrough(String value) throws OptionException {
    return switch (value) {
      case "auto" -> PassthroughPolicy.Choice.AUTO;
      case "all" -> PassthroughPolicy.Choice.ALL;
      case "upper" -> PassthroughPolicy.Choice.UPPER;
      case "off" -> PassthroughPolicy.Choice.OFF;
      default ->
          throw new OptionException(
              "the option passthrough must be auto, all, upper or off, not " + value);
    };
  }

  private static int overlaysAbove(String value) throws OptionException {
    return switch (value) {
      case "0" -> 0;
      case "1" -> 1;
      case "2" -> UnionConfig.MOST_OVERLAYS;
      default ->
          throw new OptionException("the option overlays_above must be 0, 1 or 2, not " + value);
    };
  }

  private static RingChoice rings(String value) throws OptionException {
    return switch (value) {
      case "auto" -> RingChoice.IF_OFFERED;
      case "on" -> RingChoice.REQUIRED;
      case "off" -> RingChoice.NEVER;
      default ->
          throw new OptionException("the option io_uring must be auto, on or off, not " + value);
    };
  }

  private static int workers(String value) throws OptionException {
    try {
      int workers = Integer.parseInt(value);
      if (workers >= 1 && workers <= MOST_WORKERS) {
        return workers;
      }
    } catch (NumberFormatException e) {
      // The message below covers it.
    }
    throw new OptionException(
        "the option workers must be a number from 1 to " + MOST_WORKERS + ", not " + value);
  }

  private static byte[] path(String option, String value) throws OptionException {
    String path = unescape(value);
    if (path.isEmpty()) {
      throw new OptionException("the path of the option " + option + " is empty");
    }
    return path.getBytes(ISO_8859_1);
  }

  /**
   * Sets the layers to those of an image.
   *
   * @param topmostFirst the lower layers
   * @param imageUpper null for a read-only mount
   * @throws OptionException when the options name layers as well
   */
  void setLayers(List<byte[]> topmostFirst, byte[] imageUpper, byte[] imageWork)
      throws OptionException {
    if (!lower.isEmpty() || upper != null || work != null) {
      throw new OptionException(
          "an image has its own layers: leave out lowerdir, upperdir and workdir (--upper DIR"
              + " chooses where changes go)");
    }
    lower.addAll(topmostFirst);
    upper = imageUpper;
    work = imageWork;
  }

  /** Returns true when the options say that nothing is to be written. */
  public boolean isReadOnly() {
    return readOnly;
  }

  /**
   * Returns the layers.
   *
   * @throws OptionException when they do not make a union
   */
  public UnionConfig union() throws OptionException {
    if (lower.isEmpty()) {
      throw new OptionException("no layers: give -o lowerdir=TOP:...:BOTTOM");
    }
    if (upper != null && work == null && !readOnly) {
      throw new OptionException("upperdir needs a workdir on the same file system");
    }
    if (upper == null && work != null) {
      throw new OptionException("workdir is given without upperdir");
    }
    if (upper != null && readOnly) {
      // Nothing will be written, and so the upper is one more layer to read.
      List<byte[]> all = new ArrayList<>(lower);
      all.add(0, upper);
      return new UnionConfig(all, null, null, isVolatile, passthrough, overlaysAbove, xino);
    }
    return new UnionConfig(lower, upper, work, isVolatile, passthrough, overlaysAbove, xino);
  }

  /** Returns whether lowerdir names layers. */
  public boolean hasLayers() {
    return !lower.isEmpty();
  }

  /** Returns whether the kernel checks access control lists; for the kernel transport alone. */
  public boolean hasAcls() {
    return hasAcls;
  }

  /** Returns whether every operation is logged. */
  public boolean isDebug() {
    return debug;
  }

  /** Returns what the mount table shows as the device; null for the program's name. */
  public String source() {
    return source;
  }

  /** Sets what the mount table shows as the device, unless the options do. */
  public void setSource(String name) {
    source = source == null ? name : source;
  }

  /** Returns how many requests are served at once, at most. */
  public int workers() {
    return workers;
  }

  /** Returns how requests come from the kernel; for the kernel transport alone. */
  public RingChoice rings() {
    return rings;
  }

  /**
   * Returns the options of mount(8) for the mount itself.
   *
   * @param isPrivileged whether root mounts: then setuid programs and device nodes work, as on
   *     overlayfs, unless the options say otherwise
   * @param hasSelinux whether labels have a meaning; where they have none, the kernel would refuse
   *     them, and mount(8) leaves them out as well
   * @throws OptionException for allow_root of another user: the kernel can give access to everybody
   *     or to that user alone
   */
  public List<String> generic(boolean isPrivileged, boolean hasSelinux) throws OptionException {
    List<String> all = new ArrayList<>();
    for (String option : generic) {
      if (hasSelinux || !GenericOptions.isLabel(option)) {
        all.add(option);
      }
    }
    if (!isPrivileged && all.contains(GenericOptions.ALLOW_ROOT)) {
      throw new OptionException(
          "allow_root is for mounts by root; allow_other gives access to root and everybody else");
    }
    // A container's root needs both, and tools written for overlayfs ask for neither.
    if (isPrivileged && !all.contains("nosuid") && !all.contains("suid")) {
      all.add("suid");
    }
    if (isPrivileged && !all.contains("nodev") && !all.contains("dev")) {
      all.add("dev");
    }
    if (upper == null && !readOnly) {
      all.add("ro");
    }
    return all;
  }

  /** Splits at separators without a backslash before them; backslashes are kept. */
  private static List<String> split(String value, char separator) {
    List<String> parts = new ArrayList<>();
    for (int start = 0; start <= value.length(); ) {
      int end = end(value, start, separator);
      parts.add(value.substring(start, end));
      start = end + 1;
    }
    return parts;
  }

  /** Returns the index of the next separator without a backslash before it, or the length. */
  private static int end(String value, int start, char separator) {
    int at = start;
    while (at < value.length() && value.charAt(at) != separator) {
      at += value.charAt(at) == '\\' ? 2 : 1;
    }
    return Math.min(at, value.length());
  }

  private static String unescape(String value) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char at = value.charAt(i);
      boolean escape = at == '\\' && i + 1 < value.length();
      plain.append(escape ? value.charAt(++i) : at);
    }
    return plain.toString();
  }
}
