package dev.lamina.union;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.fuse.EntryReply;
import dev.lamina.fuse.FuseFileSystem;
import dev.lamina.sys.OpenFlags;
import dev.lamina.testing.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests that a process that is killed during an operation leaves the merged view as before or as
 * after it. strace(1) kills the process before each system call in turn that changes a file system.
 */
@Tag("slow")
class CrashTest {
  private static final int KILLED = 128 + 9;

  /** The calls that change names, marks and sizes, but not those that only fill a copy. */
  private static final String CALLS =
      "renameat2,unlinkat,linkat,mkdirat,mknodat,symlinkat,"
          + "setxattr,lsetxattr,removexattr,lremovexattr,ftruncate";

  /** A line of the trace; other lines have calls whose names strace does not know. */
  private static final Pattern CALL =
      Pattern.compile("^(\\d+) +(" + CALLS.replace(',', '|') + ")\\(.*");

  /** The {@code number}th call of this name in its thread. */
  private record Step(String call, int number) {}

  @ParameterizedTest
  @EnumSource(CrashScenario.class)
  void viewIsTheOldOrTheNewOne(CrashScenario scenario) throws Exception {
    Map<String, String> before;
    Map<String, String> after;
    List<Step> steps;
    try (InProcess union = prepared(scenario)) {
      before = view(union);
      Path trace = union.root.resolve("trace");
      run(scenario, union, "-e", "trace=" + CALLS, "-o", trace.toString()).succeed();
      steps = steps(Files.readAllLines(trace));
      after = view(union);
    }
    assertNotEquals(before, after);
    assertTrue(steps.size() > 0, "there are steps");
    for (Step step : steps) {
      try (InProcess union = prepared(scenario)) {
        String kill = "inject=" + step.call + ":signal=SIGKILL:when=" + step.number;
        Commands.Result result = run(scenario, union, "-e", kill, "-o", "/dev/null");
        assertEquals(KILLED, result.status(), step + ": " + result.err());
        Map<String, String> left = view(union);
        if (!left.equals(before)) {
          assertEquals(after, left, "killed before " + step);
        }
        assertEquals(List.of(), names(union.work().resolve("work")), "left by " + step);
      }
    }
  }

  private static InProcess prepared(CrashScenario scenario) throws Exception {
    InProcess union = new InProcess(CrashScenario.LAYERS, CrashScenario.DESCRIPTORS);
    scenario.fill(union.lower(0));
    union.mount();
    scenario.prepare(union);
    union.unmount();
    return union;
  }

  private static Commands.Result run(CrashScenario scenario, InProcess union, String... options) {
    List<String> command = new ArrayList<>(List.of("strace", "-f", "-qq", "--seccomp-bpf"));
    command.addAll(List.of(options));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    command.add("-Djava.io.tmpdir=" + union.root);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(CrashScenario.class.getName(), scenario.name(), "" + union.root));
    return Commands.run(command.toArray(String[]::new));
  }

  /** Returns the calls that follow the marker in its thread. */
  private static List<Step> steps(List<String> trace) {
    List<Step> steps = new ArrayList<>();
    String thread = thread(trace);
    Map<String, Integer> counts = new HashMap<>();
    boolean begun = false;
    for (String line : trace) {
      Matcher call = CALL.matcher(line);
      if (call.matches() && call.group(1).equals(thread)) {
        int number = counts.merge(call.group(2), 1, Integer::sum);
        if (begun) {
          steps.add(new Step(call.group(2), number));
        }
        begun |= line.contains(CrashScenario.MARKER);
      }
    }
    return steps;
  }

  private static String thread(List<String> trace) {
    String marker =
        trace.stream().filter(line -> line.contains(CrashScenario.MARKER)).findAny().orElseThrow();
    return marker.substring(0, marker.indexOf(' '));
  }

  /** Returns what users see after the next mount: each path with type, mode and contents. */
  private static Map<String, String> view(InProcess union) throws Exception {
    union.mount();
    Map<String, String> view = new TreeMap<>();
    add(union, FuseFileSystem.ROOT, "", view);
    union.unmount();
    return view;
  }

  private static void add(InProcess union, long directory, String path, Map<String, String> view)
      throws Exception {
    for (String name : union.list(directory)) {
      EntryReply entry = union.lookup(directory, name);
      String line = Integer.toOctalString(entry.stat.mode);
      if (entry.stat.isRegular()) {
        line += " " + union.read(entry.nodeid, union.open(entry.nodeid, OpenFlags.O_RDONLY));
      }
      view.put(path + name, line);
      if (entry.stat.isDirectory()) {
        add(union, entry.nodeid, path + name + "/", view);
      }
    }
  }

  private static List<String> names(Path directory) throws Exception {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
