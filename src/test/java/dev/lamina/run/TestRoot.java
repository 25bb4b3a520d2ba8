package dev.lamina.run;

import dev.lamina.testing.Commands;
import dev.lamina.testing.Tree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A small root file system with a shell and a few tools of this machine and their libraries. */
public final class TestRoot {
  private static final List<String> TOOLS =
      List.of(
          "sh",
          "cat",
          "chmod",
          "env",
          "hostname",
          "id",
          "ls",
          "mv",
          "rm",
          "true",
          "mknod",
          "readlink",
          "sleep",
          "stty",
          "touch",
          "tty",
          "mount",
          "kill",
          "stat");
  private static final Pattern LIBRARY = Pattern.compile("(/\\S+)");

  private TestRoot() {}

  /** Makes a root file system in an empty directory. */
  public static Tree make(Path directory) {
    Tree root = new Tree(directory);
    for (String name : List.of("bin", "usr/bin", "etc", "tmp", "root", "home")) {
      root.directory(name);
    }
    for (String tool : TOOLS) {
      Path program = Path.of("/usr/bin", tool);
      copy(root, Files.exists(program) ? program : Path.of("/bin", tool), "bin/" + tool);
      Commands.Result libraries = Commands.run("ldd", program.toString()).succeed();
      Matcher matcher = LIBRARY.matcher(libraries.out());
      while (matcher.find()) {
        String library = matcher.group(1).substring(1);
        if (!library.endsWith(":") && !root.exists(library)) {
          root.directory(library.substring(0, library.lastIndexOf('/')));
          copy(root, Path.of("/", library), library);
        }
      }
    }
    copy(root, Path.of("/usr/bin/env"), "usr/bin/env");
    root.write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1001::/home/ann:/bin/sh\n");
    root.write("etc/group", "root:x:0:\nann:x:1001:\ncrew:x:2000:bob,ann\nstaff:x:50:bob\n");
    return root;
  }

  /** Makes a root file system by copying another one, with its links and owners. */
  static Tree copyOf(Tree other, Path directory) {
    Commands.run("cp", "-a", other.string("") + "/.", directory.toString()).succeed();
    return new Tree(directory);
  }

  private static void copy(Tree root, Path file, String to) {
    Commands.run("cp", "-L", file.toString(), root.string(to)).succeed();
  }
}
