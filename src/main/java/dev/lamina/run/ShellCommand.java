package dev.lamina.run;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The script by which a shell of the host becomes the command. The shell already has the command's
 * credentials. It reads the whole script, reports that it is ready, waits until its root has been
 * changed, and executes the command.
 *
 * <p>Programs of the host never run with the command's environment, because with a variable such as
 * LD_PRELOAD an image could run its own code in them. The environment is part of the script and is
 * set at the very end, by the image's own {@code env} if it has one, since a shell accepts only
 * some names for variables.
 *
 * <p>Strings from the image or the user are written in one of two forms: within single quotes, if
 * they consist of letters, digits and a few harmless characters, or else as octal numbers.
 */
final class ShellCommand {

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:=@,+%-]*");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** Variables that some shells set themselves or make read-only. */
  private static final List<String> THE_SHELLS =
      List.of(
          "BASHOPTS",
          "BASH_VERSINFO",
          "EUID",
          "GROUPS",
          "IFS",
          "LINENO",
          "OPTIND",
          "PPID",
          "PS4",
          "RANDOM",
          "SECONDS",
          "SHELLOPTS",
          "UID");

  private static final List<String> ENV_PROGRAMS = List.of("/usr/bin/env", "/bin/env");

  private final StringBuilder script = new StringBuilder();
  private int count;

  private ShellCommand() {}

  static byte[] of(ContainerProcess process, RootDirectory root) throws RunException {
    ShellCommand command = new ShellCommand();
    command.write(process, env(process, root));
    return command.script.toString().getBytes(US_ASCII);
  }

  /**
   * Returns the path of the image's env(1). The result is null if the image has none, or if the
   * command has a "=" in its name, which env would take for a variable.
   */
  private static String env(ContainerProcess process, RootDirectory root) {
    if (process.args().get(0).indexOf('=') >= 0) {
      return null;
    }
    for (String path : ENV_PROGRAMS) {
      if (Executables.look(root, path) == Executables.Kind.EXECUTABLE) {
        return path;
      }
    }
    return null;
  }

  private void write(ContainerProcess process, String env) throws RunException {
    // A command substitution drops newlines at the end, so the word gets a dot after it.
    script.append("umask 022\nword() { w=$(printf '%b.' \"$1\"); w=${w%.}; }\n");
    List<String> words = new ArrayList<>();
    if (env == null) {
      for (Map.Entry<String, String> variable : process.environment().variables().entrySet()) {
        refuseUnlessVariable(variable.getKey());
        words.add(reference(variable.getKey() + "=" + variable.getValue()));
      }
      script.append("unset LC_ALL PWD OLDPWD SHLVL\nexport");
      if (words.isEmpty()) {
        script.append(" LC_ALL");
      }
      words.forEach(word -> script.append(' ').append(word));
      script.append('\n');
      words.clear();
    } else {
      words.add(env);
      words.add("-i");
      words.add("--");
      for (String variable : process.environment().list()) {
        words.add(reference(variable));
      }
    }
    for (String argument : process.args()) {
      words.add(reference(argument));
    }
    script.append("set --");
    words.forEach(word -> script.append(' ').append(word));
    script.append('\n');
    String directory = reference(process.directory());
    // From here on no program of the host may be executed, only the shell's builtins.
    script.append("echo >&4\nread -r go <&5 || exit 125\nexec 3<&- 4>&- 5<&-\n");
    script.append("cd -- ").append(directory).append(" || exit 126\nexec \"$@\"\n");
  }

  private static void refuseUnlessVariable(String name) throws RunException {
    if (!VARIABLE.matcher(name).matches() || THE_SHELLS.contains(name)) {
      throw new RunException(
          "the variable "
              + Bytes.shown(name)
              + " cannot be set without an OCI runtime, because the image has no env program:"
              + " install runc or crun");
    }
  }

  /** Returns the text that stands for a word in the script. */
  private String reference(String word) {
    if (PLAIN.matcher(word).matches()) {
      return "'" + word + "'";
    }
    script.append("word '");
    for (byte b : Bytes.of(word)) {
      // The %b of printf takes \0 and three octal digits.
      script.append("\\0");
      for (int shift = 6; shift >= 0; shift -= 3) {
        script.append((char) ('0' + (b >> shift & 7 & (shift == 6 ? 3 : 7))));
      }
    }
    count++;
    script.append("'\nlamina_").append(count).append("=$w\n");
    return "\"$lamina_" + count + "\"";
  }
}
