package dev.lamina;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.lamina.layer.LayerDirectory;
import dev.lamina.layer.Redirects;
import dev.lamina.layer.Whiteouts;
import java.io.File;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The shape of the code base: what each package may see. Every rule is about packages that exist or
 * about all packages but a few, so none holds for want of classes.
 */
class ArchitectureTest {
  private static final String BASE = "dev.lamina.";
  private static final Path SOURCES = Path.of("src/main/java");
  private static final Pattern IMPORT =
      Pattern.compile("^import (?:static )?dev\\.lamina\\.([a-z.]+)\\.[A-Z]", Pattern.MULTILINE);

  /**
   * The packages of Lamina and, for each, the other packages that it may use. A package stands for
   * the packages in it, unless one of them has an entry: then all of them must have one. cli may
   * use all.
   */
  private static final Map<String, List<String>> MAY_SEE =
      Map.ofEntries(
          entry("sys", List.of()),
          entry("layer", List.of("sys")),
          entry("fuse", List.of("sys")),
          entry("fuse.wire", List.of("sys")),
          entry("fuse.kernel", List.of("fuse", "fuse.wire", "sys")),
          entry("fuse.libfuse", List.of("fuse", "fuse.wire", "sys")),
          entry("union.upper", List.of("fuse", "layer", "sys")),
          entry("union.inode", List.of("fuse", "layer", "sys", "union.upper")),
          entry("union.listing", List.of("fuse", "layer", "sys", "union.inode", "union.upper")),
          entry("union.copyup", List.of("fuse", "layer", "sys", "union.inode", "union.upper")),
          entry(
              "union.data",
              List.of("fuse", "layer", "sys", "union.copyup", "union.inode", "union.upper")),
          entry(
              "union.change",
              List.of(
                  "fuse",
                  "layer",
                  "sys",
                  "union.copyup",
                  "union.data",
                  "union.inode",
                  "union.upper")),
          entry(
              "union",
              List.of(
                  "fuse",
                  "layer",
                  "sys",
                  "union.change",
                  "union.copyup",
                  "union.data",
                  "union.inode",
                  "union.listing",
                  "union.upper")),
          entry("image", List.of()),
          entry("image.file", List.of("image", "sys")),
          entry("image.compress", List.of("image")),
          entry("image.tar", List.of("image", "layer", "sys")),
          entry("image.layer", List.of("image", "image.compress", "image.tar", "layer", "sys")),
          entry("image.layout", List.of("image", "image.file", "sys")),
          entry(
              "image.archive",
              List.of("image", "image.compress", "image.file", "image.layout", "image.tar", "sys")),
          entry("image.registry", List.of("image", "image.file", "sys")),
          entry(
              "image.store",
              List.of(
                  "image",
                  "image.compress",
                  "image.file",
                  "image.layer",
                  "image.layout",
                  "layer",
                  "sys")),
          entry(
              "image.transfer",
              List.of(
                  "image",
                  "image.archive",
                  "image.compress",
                  "image.file",
                  "image.layer",
                  "image.registry",
                  "image.store",
                  "layer",
                  "sys")),
          entry("run", List.of("image", "image.file", "sys")),
          entry(
              "mount",
              List.of(
                  "fuse",
                  "fuse.kernel",
                  "image",
                  "image.file",
                  "image.layer",
                  "image.store",
                  "image.transfer",
                  "sys",
                  "union",
                  "union.data",
                  "union.inode")),
          entry(
              "cli.options",
              List.of("image", "image.file", "image.layer", "image.registry", "mount", "sys")),
          entry("cli.tree", List.of("image", "image.store")));

  private static final JavaClasses LAMINA =
      new ClassFileImporter().importPath(Path.of("target/classes"));

  @Test
  void theClassesAreLaminas() throws IOException {
    try (Stream<Path> sources = Files.walk(SOURCES)) {
      long count = sources.filter(file -> file.toString().endsWith(".java")).count();
      assertTrue(count > 30 && LAMINA.size() >= count, count + " files, " + LAMINA.size());
    }
  }

  @Test
  void dependenciesPointOneWay() {
    classes().should(useOnlyWhatTheirPackageMaySee()).check(LAMINA);
  }

  /** A constant leaves no trace in the class that uses it, but its import does in the source. */
  @Test
  void importsPointOneWay() throws IOException {
    List<String> wrong = new ArrayList<>();
    try (Stream<Path> sources = Files.walk(SOURCES)) {
      for (Path file : sources.filter(file -> file.toString().endsWith(".java")).toList()) {
        String own = SOURCES.relativize(file.getParent()).toString().replace('/', '.');
        Matcher matcher = IMPORT.matcher(Files.readString(file));
        while (matcher.find()) {
          if (!maySee(own, BASE + matcher.group(1))) {
            wrong.add(file + ": " + matcher.group());
          }
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching("dev.lamina.(**)").should().beFreeOfCycles().check(LAMINA);
  }

  @Test
  void onlyTwoPackagesCallNativeCode() {
    noClasses()
        .that()
        .resideOutsideOfPackages(BASE + "sys", BASE + "fuse.libfuse")
        .should()
        .dependOnClassesThat(resideInAnyPackage("jnr..", "com.kenai..", "ru.serce.."))
        .check(LAMINA);
  }

  /** Names are bytes there, and objects are named by (directory descriptor, name). */
  @Test
  void servingUsesNoPaths() {
    noClasses()
        .that()
        .resideInAnyPackage(BASE + "union..", BASE + "layer..", BASE + "fuse..")
        .should()
        .dependOnClassesThat(belongToAnyOf(File.class, Path.class, Paths.class, Files.class))
        .check(LAMINA);
  }

  @Test
  void onlyTheCommandsPrint() {
    noClasses()
        .that()
        .resideOutsideOfPackage(BASE + "cli..")
        .should(ACCESS_STANDARD_STREAMS)
        .check(LAMINA);
    // An archive may be written to standard output.
    noClasses()
        .that()
        .resideOutsideOfPackages(BASE + "cli..", BASE + "image.archive")
        .should()
        .accessField(FileDescriptor.class, "out")
        .orShould()
        .accessField(FileDescriptor.class, "err")
        .check(LAMINA);
  }

  /**
   * In {@code run}, a signal ends the process; in {@code sys}, a failure to return to the process's
   * own mount namespace does.
   */
  @Test
  void onlyTheCommandsDecideHowTheProcessEnds() {
    noClasses()
        .that()
        .resideOutsideOfPackages(BASE + "cli..", BASE + "run", BASE + "sys")
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(LAMINA);
  }

  /** What hides what, and which names a directory shows, is decided there alone. */
  @Test
  void onlyOnePackageListsLayers() {
    noClasses()
        .that()
        .resideOutsideOfPackage(BASE + "layer")
        .should()
        .callMethodWhere(
            target(name("list")).and(target(owner(assignableTo(LayerDirectory.class)))))
        .check(LAMINA);
    methods()
        .that()
        .areDeclaredIn(Whiteouts.class)
        .and()
        .haveName("isWhiteout")
        .should()
        .bePackagePrivate()
        .check(LAMINA);
    methods()
        .that()
        .areDeclaredIn(Redirects.class)
        .and()
        .haveName("read")
        .should()
        .bePackagePrivate()
        .check(LAMINA);
  }

  private static ArchCondition<JavaClass> useOnlyWhatTheirPackageMaySee() {
    return new ArchCondition<>("use only what their package may see") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
          JavaClass target = dependency.getTargetClass().getBaseComponentType();
          boolean allowed = maySee(type.getPackageName(), target.getPackageName());
          events.add(new SimpleConditionEvent(type, allowed, dependency.getDescription()));
        }
      }
    };
  }

  private static boolean maySee(String from, String to) {
    if (!to.startsWith(BASE)) {
      return true;
    }
    String own = placeOf(from);
    return own.equals("cli") || own.equals(placeOf(to)) || MAY_SEE.get(own).contains(placeOf(to));
  }

  /** The package of {@link #MAY_SEE}, or cli, that a Java package is or lies in. */
  private static String placeOf(String javaPackage) {
    String name = javaPackage.substring(BASE.length());
    while (!name.equals("cli") && !MAY_SEE.containsKey(name)) {
      int dot = name.lastIndexOf('.');
      if (dot < 0 || isDivided(name.substring(0, dot))) {
        throw new AssertionError(javaPackage + " has no place in the architecture");
      }
      name = name.substring(0, dot);
    }
    return name;
  }

  /** Whether a package contains packages with entries of their own. */
  private static boolean isDivided(String name) {
    return MAY_SEE.keySet().stream().anyMatch(other -> other.startsWith(name + "."));
  }
}
