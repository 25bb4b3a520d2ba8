package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** Tests that arguments parsed without picocli have the same meaning as with it. */
class MountCommandTest {
  private static List<String> words(String line) {
    return List.of(line.split(" ", -1));
  }

  private static Map<String, Object> values(MountCommand command) throws IllegalAccessException {
    Map<String, Object> values = new TreeMap<>();
    for (Field field : MountCommand.class.getDeclaredFields()) {
      // Options for images need an image, which arguments parsed without picocli do not name.
      boolean isForImages = field.isAnnotationPresent(Mixin.class);
      if (!Modifier.isStatic(field.getModifiers()) && !isForImages) {
        field.setAccessible(true);
        values.put(field.getName(), String.valueOf(field.get(command)));
      }
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dir",
        "-o lowerdir=a:b dir",
        "--background -o lowerdir=a,upperdir=b -o workdir=c --transport=libfuse ./dir",
        "dir --foreground --debug --log-file=x=y -o ro",
        "--transport= dir",
        "-o a=\"b\" 'dir'",
        "-o @file @dir",
      })
  void plainArguments(String line) throws IllegalAccessException {
    MountCommand plain = MountCommand.plain(words(line));
    assertNotNull(plain);
    MountCommand parsed = new MountCommand();
    new CommandLine(parsed).setExpandAtFiles(false).parseArgs(words(line).toArray(new String[0]));
    assertEquals(values(parsed), values(plain));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-o ro",
        "-oro dir",
        "a b",
        "-h",
        "--help dir",
        "-- dir",
        "-f dir",
        "dir -o",
        "-o -o dir",
        "",
        "--log-file x dir",
        "--unknown dir",
        "--debug --debug dir",
        "--transport=a --transport=b dir",
        "--log-file=a dir --log-file=a",
        "-",
      })
  void anythingElseIsForPicocli(String line) {
    assertNull(MountCommand.plain(words(line)));
  }
}
