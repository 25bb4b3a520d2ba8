package dev.lamina.run;

import dev.lamina.image.RunSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Runs a command as {@code lamina run} does, in another process, to test signals and terminals:
 * {@code RUNTIME ROOT STATE [-t] [-i] [-u USER] [-e VARIABLE] [-v VOLUME] -- COMMAND…}.
 */
public final class RunTool {
  private RunTool() {}

  public static void main(String[] args) {
    Iterator<String> words = Arrays.asList(args).iterator();
    String runtime = words.next();
    RunSettings settings = new RunSettings(List.of(), List.of(), List.of(), "", "", "", Map.of());
    RunRequest request = new RunRequest(words.next(), settings);
    request.stateDirectory(Path.of(words.next()));
    List<String> environment = new ArrayList<>();
    List<Volume> volumes = new ArrayList<>();
    int status;
    try (SignalForwarder signals = SignalForwarder.start()) {
      for (String word = words.next(); !word.equals("--"); word = words.next()) {
        switch (word) {
          case "-t" -> request.terminal(true);
          case "-i" -> request.interactive(true);
          case "-u" -> request.user(words.next());
          case "-e" -> environment.add(words.next());
          case "-v" -> volumes.add(Volume.parse(words.next()));
          default -> throw new IllegalArgumentException(word);
        }
      }
      List<String> command = new ArrayList<>();
      words.forEachRemaining(command::add);
      request.environment(environment).volumes(volumes).command(command);
      status = Runner.choose(runtime).run(request, signals);
    } catch (RunException e) {
      System.err.println(e.getMessage());
      status = e.status();
    }
    System.exit(status);
  }
}
