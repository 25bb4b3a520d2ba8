package dev.lamina.mount;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.union.UnionConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountOptionsTest {
  private static MountOptions parse(String... values) throws OptionException {
    MountOptions options = new MountOptions();
    for (String value : values) {
      options.add(value);
    }
    return options;
  }

  private static List<String> lower(UnionConfig config) {
    return config.lower().stream().map(path -> new String(path, ISO_8859_1)).toList();
  }

  @Test
  void layersAreTopmostFirst() throws OptionException {
    UnionConfig config = parse("lowerdir=a:b:c,upperdir=u,workdir=w").union();
    assertEquals(List.of("a", "b", "c"), lower(config));
    assertEquals("u", new String(config.upper(), ISO_8859_1));
    assertEquals("w", new String(config.work(), ISO_8859_1));
  }

  @Test
  void aBackslashTakesTheMeaningFromWhatFollows() throws OptionException {
    UnionConfig config =
        parse("lowerdir=a\\:b:c\\,d:e\\\\f,upperdir=u\\,v\\:,workdir=w\u00ff\n").union();
    assertEquals(List.of("a:b", "c,d", "e\\f"), lower(config));
    assertEquals("u,v:", new String(config.upper(), ISO_8859_1));
    assertEquals("w\u00ff\n", new String(config.work(), ISO_8859_1));
  }

  @Test
  void roomForOverlays() throws OptionException {
    assertEquals(-1, parse("lowerdir=a").union().overlaysAbove());
    for (int number = 0; number <= 2; number++) {
      String option = "lowerdir=a,overlays_above=" + number;
      assertEquals(number, parse(option).union().overlaysAbove());
    }
    for (String value : List.of("3", "-1", "", "auto")) {
      assertThrows(OptionException.class, () -> parse("overlays_above=" + value));
    }
  }

  @Test
  void emptyOptionsArePassedOver() throws OptionException {
    UnionConfig config = parse("lowerdir=a,,upperdir=u,workdir=w,,volatile,").union();
    assertTrue(config.isVolatile());
  }

  @Test
  void severalOptionStringsAddUp() throws OptionException {
    MountOptions options = parse("lowerdir=a", "noatime,upperdir=u,workdir=w", "nodev");
    assertEquals(List.of("noatime", "nodev", "suid"), options.generic(true, true));
    assertEquals(List.of("noatime", "nodev"), options.generic(false, true));
  }

  @Test
  void optionsOfTheMountItselfArePassedOn() throws OptionException {
    MountOptions options = parse("lowerdir=a,upperdir=u,workdir=w,relatime,context=x,noexec,ro");
    assertEquals(List.of("context=x", "noexec", "ro"), options.generic(false, true));
  }

  /** As podman writes a label; a comma in it separates nothing. */
  @Test
  void quotesHoldALabelTogether() throws OptionException {
    String quoted = "context=\"system_u:object_r:container_file_t:s0:c1,c2\"";
    MountOptions options = parse("lowerdir=a:\"b,noexec," + quoted + ",nodev", "fscontext=x\\,y");
    assertEquals(List.of(), options.unknown());
    assertEquals(List.of("a", "\"b"), lower(options.union()));
    assertEquals(
        List.of("noexec", quoted, "nodev", "fscontext=\"x,y\"", "ro"),
        options.generic(false, true));
    // mount(8) leaves them out as well, since the kernel would refuse them.
    assertEquals(List.of("noexec", "nodev", "ro"), options.generic(false, false));
    assertEquals(List.of("b"), parse("lowerdir=a,context=\"a,b").unknown());
  }

  @Test
  void whoMayOnlyMountByFusermountCannotLetRootInAlone() throws OptionException {
    MountOptions options = parse("lowerdir=a,allow_root");
    assertTrue(options.generic(true, true).contains("allow_root"));
    assertThrows(OptionException.class, () -> options.generic(false, true));
  }

  @Test
  void unknownOptionsAreKeptAsWritten() throws OptionException {
    assertEquals(
        List.of("nonsense", "more=1", "noexec=1", "context"),
        parse("lowerdir=a,nonsense,more=1,noexec=1,context").unknown());
  }

  @Test
  void workersAreANumber() throws OptionException {
    assertEquals(64, parse("lowerdir=a").workers());
    assertEquals(3, parse("lowerdir=a,workers=3").workers());
    for (String wrong : List.of("0", "1025", "-1", "x", "", "99999999999")) {
      assertThrows(OptionException.class, () -> parse("lowerdir=a,workers=" + wrong), wrong);
    }
  }

  @Test
  void withoutAnUpperTheMountIsReadOnly() throws OptionException {
    MountOptions options = parse("lowerdir=a");
    assertNull(options.union().upper());
    assertTrue(options.generic(true, true).contains("ro"));
  }

  @Test
  void readOnlyMakesTheUpperOneMoreLayer() throws OptionException {
    UnionConfig config = parse("lowerdir=a,upperdir=u,workdir=w,ro").union();
    assertEquals(List.of("u", "a"), lower(config));
    assertNull(config.upper());
    assertNull(config.work());
  }

  @Test
  void whatMakesNoUnionIsRefused() {
    List<String> refused =
        List.of(
            "upperdir=u,workdir=w",
            "lowerdir=a,upperdir=u",
            "lowerdir=a,workdir=w",
            "lowerdir=",
            "lowerdir=a::b",
            "lowerdir=a,upperdir=",
            "lowerdir=a,uidmapping=0:0:1");
    for (String value : refused) {
      assertThrows(OptionException.class, () -> parse(value).union(), value);
    }
  }
}
