package dev.lamina.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.testing.Commands;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Compares every number of this package and of fuse.wire with the C headers of both architectures.
 *
 * <p>Programs of another architecture cannot be run here, so the compiler compares: each constant
 * becomes a {@code _Static_assert}. {@code native-test/layouts.h} has the C side.
 */
class KernelConstantsTest {
  private static final Path HEADER = Path.of("native-test/layouts.h").toAbsolutePath();
  private static final Path FUSE_HEADER = HEADER.resolveSibling("fuse_layouts.h");
  private static final Path CLASSES = Path.of("target/classes");

  /** The sizes that are Lamina's own choice. */
  private static final List<String> OURS =
      List.of(
          "ErrnoException.CACHED",
          "ErrnoException.serialVersionUID",
          "Opcode.COUNT",
          "Protocol.MINOR",
          "Protocol.OLDEST_MINOR",
          "Scratch.STRUCT_SIZE",
          "Scratch.PATH_PREFIX",
          "ThreadBuffers.SIZE",
          "DirectoryReader.BUFFER_SIZE",
          "IoUring.ENTRIES",
          "Namespaces.NO_WAY_BACK",
          "ProcessCalls.MOST_PROCESSORS",
          "TreeRemoval.DIRECTORY_FLAGS",
          "TreeRemoval.MOST_LEVELS");

  private enum Target {
    X86_64("amd64", "x86_64-linux-gnu-gcc", "/usr/include/linux/fuse.h"),
    AARCH64("aarch64", "aarch64-linux-gnu-gcc", "/usr/aarch64-linux-gnu/include/linux/fuse.h");

    /** The name of the architecture in Java. */
    final String osArch;

    final String compiler;
    final Path fuseHeader;

    Target(String osArch, String compiler, String fuseHeader) {
      this.osArch = osArch;
      this.compiler = compiler;
      this.fuseHeader = Path.of(fuseHeader);
    }
  }

  @ParameterizedTest
  @EnumSource(Target.class)
  void everyConstantIsTheKernels(Target target) throws Exception {
    Map<String, Long> constants = constants(target);
    constants.keySet().removeAll(OURS);
    constants.keySet().removeAll(newerThanTheHeader(target));
    Commands.Result result = compile(target, constants);
    assertEquals("", result.out() + result.err());
    assertEquals(0, result.status());
  }

  /**
   * Tests that a wrong value and an unknown name are found; otherwise the test above would prove
   * nothing.
   */
  @ParameterizedTest
  @EnumSource(Target.class)
  void aWrongConstantIsFound(Target target) throws Exception {
    Map<String, Long> wrong = Map.of("OpenFlags.O_DIRECT", 1L);
    assertTrue(compile(target, wrong).err().contains("OpenFlags.O_DIRECT"));
    assertNotEquals(0, compile(target, Map.of("OpenFlags.O_UNHEARD_OF", 1L)).status());
  }

  @Test
  void bothArchitecturesAreRead() throws Exception {
    Map<String, Long> x86 = constants(Target.X86_64);
    Map<String, Long> aarch64 = constants(Target.AARCH64);
    assertEquals(x86.keySet(), aarch64.keySet());
    assertEquals(257, x86.get("SystemCall.OPENAT"));
    assertEquals(56, aarch64.get("SystemCall.OPENAT"));
    assertTrue(x86.keySet().containsAll(OURS));
    for (Class<?> type :
        List.of(
            Append.class,
            DirectoryReader.class,
            Errno.class,
            FileFlags.class,
            FileSystemStat.class,
            IoUring.class,
            Iovec.class,
            Linux.class,
            Mapping.class,
            Mode.class,
            Mounts.class,
            Namespaces.class,
            OpenFlags.class,
            ProcessCalls.class,
            DescriptorSocket.class,
            RecordLock.class,
            Scratch.class,
            Stat.class,
            SystemCall.class,
            Terminal.class,
            Xattrs.class)) {
      assertTrue(x86.keySet().stream().anyMatch(key -> key.startsWith(type.getSimpleName() + ".")));
    }
  }

  @Test
  void scratchHoldsEveryStructure() {
    for (int size :
        new int[] {
          Stat.STRUCT_SIZE, FileSystemStat.STRUCT_SIZE, RecordLock.STRUCT_SIZE,
        }) {
      assertTrue(size <= Scratch.STRUCT_SIZE);
    }
  }

  private static Commands.Result compile(Target target, Map<String, Long> constants)
      throws IOException {
    String header = Files.readString(HEADER) + Files.readString(FUSE_HEADER);
    StringBuilder source = new StringBuilder();
    for (Path file : List.of(HEADER, FUSE_HEADER)) {
      source.append("#include \"").append(file).append("\"\n");
    }
    constants.forEach(
        (name, value) ->
            source.append(
                "_Static_assert((long)(%s) == %dL, \"%s is not %2$d\");\n"
                    .formatted(cName(name, header), value, name)));
    Path file = Files.createDirectories(HEADER.resolveSibling("build"));
    file = file.resolve("constants-" + target.name().toLowerCase(Locale.ROOT) + ".c");
    Files.writeString(file, source);
    return Commands.run(target.compiler, "-std=c11", "-Wall", "-fsyntax-only", file.toString());
  }

  /** Returns the constants that the installed linux/fuse.h does not have yet. */
  private static Set<String> newerThanTheHeader(Target target) throws IOException {
    Matcher version =
        Pattern.compile("define FUSE_KERNEL_MINOR_VERSION (\\d+)")
            .matcher(Files.readString(target.fuseHeader));
    assertTrue(version.find());
    int installed = Integer.parseInt(version.group(1));
    Set<String> newer = new TreeSet<>(List.of("Opcode.COPY_FILE_RANGE_64"));
    int needed = 0;
    for (String line : Files.readAllLines(FUSE_HEADER)) {
      if (line.startsWith("#if FUSE_KERNEL_MINOR_VERSION >= ")) {
        needed = Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
      } else if (line.startsWith("#endif")) {
        needed = 0;
      } else if (line.startsWith("#define ") && needed > installed) {
        newer.add(line.split(" ")[1].replaceFirst("_", "."));
      }
    }
    return newer;
  }

  private static String cName(String constant, String header) {
    String ownName = constant.replace('.', '_');
    if (header.contains("#define " + ownName + " ")) {
      return ownName;
    }
    String name = constant.substring(constant.indexOf('.') + 1);
    return constant.startsWith("SystemCall.") ? "__NR_" + name.toLowerCase(Locale.ROOT) : name;
  }

  /** Returns all constants of the package, read as if the machine were {@code target}. */
  private static Map<String, Long> constants(Target target) throws Exception {
    Map<String, Long> constants = new TreeMap<>();
    String osArch = System.getProperty("os.arch");
    URL[] path = {CLASSES.toUri().toURL()};
    // The parent does not have the package, so its classes are initialized again.
    ClassLoader platform = ClassLoader.getPlatformClassLoader();
    try (URLClassLoader loader = new URLClassLoader(path, platform);
        Stream<Path> files =
            Stream.of("sys", "fuse/wire")
                .flatMap(
                    name -> {
                      String[] classes = CLASSES.resolve("dev/lamina/" + name).toFile().list();
                      return Stream.of(classes).map(file -> Path.of(name, file));
                    })) {
      System.setProperty("os.arch", target.osArch);
      for (Path file : files.toList()) {
        String name = file.getFileName().toString().replace(".class", "");
        if (List.of("Memory", "NativeMemory", "LibC", "package-info").contains(name)
            || name.startsWith("LibC$")) {
          continue; // These have no constants, and need the native library.
        }
        String type = "dev.lamina." + file.getParent().toString().replace('/', '.') + "." + name;
        for (Field field : loader.loadClass(type).getDeclaredFields()) {
          boolean number = field.getType() == int.class || field.getType() == long.class;
          int constant = Modifier.STATIC | Modifier.FINAL;
          if (number && (field.getModifiers() & constant) == constant) {
            field.setAccessible(true);
            constants.put(name + "." + field.getName(), ((Number) field.get(null)).longValue());
          }
        }
      }
    } finally {
      System.setProperty("os.arch", osArch);
    }
    return constants;
  }
}
