package dev.lamina.mount;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Map.entry;

import dev.lamina.fuse.RequestContext;
import dev.lamina.fuse.SetattrRequest;
import dev.lamina.image.Messages;
import dev.lamina.sys.OpenFlags;
import java.util.List;
import java.util.Map;

/** Describes an operation's arguments: names in quotes, modes in octal, open flags by name. */
final class TracedArguments {
  /** The label of a buffer's address, which is not shown. */
  private static final String ADDRESS = "";

  private static final String MODE = "mode";
  private static final String OPEN_FLAGS = "open flags";
  private static final String FLAGS = "flags";

  /** The meanings of the numbers among an operation's arguments, in their order. */
  private static final Map<String, List<String>> NUMBERS =
      Map.ofEntries(
          entry("lookup", List.of("in")),
          entry("forget", List.of("nodeid", "count")),
          entry("getattr", List.of("nodeid", "handle")),
          entry("setattr", List.of("nodeid")),
          entry("readlink", List.of("nodeid", ADDRESS, "size")),
          entry("mknod", List.of("in", MODE, "rdev")),
          entry("mkdir", List.of("in", MODE)),
          entry("symlink", List.of("in")),
          entry("link", List.of("nodeid", "in")),
          entry("unlink", List.of("in")),
          entry("rmdir", List.of("in")),
          entry("rename", List.of("in", "to", FLAGS)),
          entry("open", List.of("nodeid", OPEN_FLAGS)),
          entry("create", List.of("in", MODE, OPEN_FLAGS)),
          entry("read", List.of("nodeid", "handle", "offset", ADDRESS, "size")),
          entry("write", List.of("nodeid", "handle", "offset", ADDRESS, "size")),
          entry("fallocate", List.of("nodeid", "handle", FLAGS, "offset", "length")),
          entry("fsync", List.of("nodeid", "handle", "data only")),
          entry("release", List.of("nodeid", "handle")),
          entry("opendir", List.of("nodeid", OPEN_FLAGS)),
          entry("readdir", List.of("nodeid", "handle", "offset")),
          entry("fsyncdir", List.of("nodeid", "handle", "data only")),
          entry("releasedir", List.of("nodeid", "handle")),
          entry("statfs", List.of("nodeid")),
          entry("getxattr", List.of("nodeid", ADDRESS, "size")),
          entry("listxattr", List.of("nodeid", ADDRESS, "size")),
          entry("setxattr", List.of("nodeid", ADDRESS, "size", FLAGS)),
          entry("removexattr", List.of("nodeid")));

  /** The names of open flags. Those with more bits come before those that they include. */
  private static final List<Map.Entry<Integer, String>> OPEN_FLAG_NAMES =
      List.of(
          entry(OpenFlags.O_WRONLY, "O_WRONLY"),
          entry(OpenFlags.O_RDWR, "O_RDWR"),
          entry(OpenFlags.O_TMPFILE, "O_TMPFILE"),
          entry(OpenFlags.O_SYNC, "O_SYNC"),
          entry(OpenFlags.O_DSYNC, "O_DSYNC"),
          entry(OpenFlags.O_CREAT, "O_CREAT"),
          entry(OpenFlags.O_EXCL, "O_EXCL"),
          entry(OpenFlags.O_NOCTTY, "O_NOCTTY"),
          entry(OpenFlags.O_TRUNC, "O_TRUNC"),
          entry(OpenFlags.O_APPEND, "O_APPEND"),
          entry(OpenFlags.O_NONBLOCK, "O_NONBLOCK"),
          entry(OpenFlags.O_NOATIME, "O_NOATIME"),
          entry(OpenFlags.O_CLOEXEC, "O_CLOEXEC"),
          entry(OpenFlags.O_DIRECT, "O_DIRECT"),
          entry(OpenFlags.O_DIRECTORY, "O_DIRECTORY"),
          entry(OpenFlags.O_NOFOLLOW, "O_NOFOLLOW"));

  private TracedArguments() {}

  /** Returns the arguments of an operation, each with a blank before it. */
  static String describe(String operation, Object[] args) {
    List<String> labels = NUMBERS.getOrDefault(operation, List.of());
    StringBuilder line = new StringBuilder();
    int number = 0;
    for (Object arg : args == null ? new Object[0] : args) {
      if (arg instanceof byte[] name) {
        line.append(" \"").append(printable(name)).append('"');
      } else if (arg instanceof RequestContext context) {
        line.append(" [uid ").append(context.uid).append(" pid ").append(context.pid).append(']');
      } else if (arg instanceof SetattrRequest request) {
        line.append(changes(request));
      } else if (arg instanceof Number || arg instanceof Boolean) {
        line.append(number(number < labels.size() ? labels.get(number) : "number", arg));
        number++;
      }
    }
    return line.toString();
  }

  private static String number(String label, Object value) {
    return switch (label) {
      case ADDRESS -> "";
      case MODE -> " mode " + Integer.toOctalString((Integer) value);
      case OPEN_FLAGS -> " " + openFlags((Integer) value);
      case FLAGS -> " flags 0x" + Integer.toHexString((Integer) value);
      default -> " " + label + " " + value;
    };
  }

  /** Writes open flags as strace(1) does; bits without a name come last, in hexadecimal. */
  static String openFlags(int flags) {
    StringBuilder line = new StringBuilder();
    int rest = flags;
    for (Map.Entry<Integer, String> flag : OPEN_FLAG_NAMES) {
      if ((rest & flag.getKey()) == flag.getKey()) {
        line.append(line.isEmpty() ? "" : "|").append(flag.getValue());
        rest &= ~flag.getKey();
      }
    }
    if (!OpenFlags.isWritable(flags)) {
      line.insert(0, line.isEmpty() ? "O_RDONLY" : "O_RDONLY|");
    }
    return rest == 0 ? line.toString() : line + "|0x" + Integer.toHexString(rest);
  }

  private static String changes(SetattrRequest request) {
    StringBuilder line = new StringBuilder();
    if (request.setMode) {
      line.append(" to mode ").append(Integer.toOctalString(request.mode));
    }
    if (request.setUid) {
      line.append(" to uid ").append(request.uid);
    }
    if (request.setGid) {
      line.append(" to gid ").append(request.gid);
    }
    if (request.setSize) {
      line.append(" to size ").append(request.size);
    }
    if (request.setAtime || request.setMtime) {
      line.append(" to new times");
    }
    return line.toString();
  }

  private static String printable(byte[] name) {
    return Messages.printable(new String(name, ISO_8859_1)).replace("\"", "\\\"");
  }
}
