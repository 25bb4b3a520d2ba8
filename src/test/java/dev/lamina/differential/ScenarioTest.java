package dev.lamina.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.sys.Linux;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ScenarioTest {
  /** The entry of a user, whose id is 1000 or 1001. */
  private static final Pattern NAMED_ACL = Pattern.compile("\\\\x(e8|e9)\\\\x03\\\\x00\\\\x00");

  private static final LayerEntry.Directory DIRECTORY = new LayerEntry.Directory(false);
  private static final LayerEntry.Directory OPAQUE = new LayerEntry.Directory(true);
  private static final LayerEntry.Whiteout WHITEOUT = new LayerEntry.Whiteout();

  private static LayerEntry entry(LayerEntry.Content content, String... names) {
    return new LayerEntry(Location.of(names), content, null);
  }

  @Test
  void equalSeedsGiveEqualScenarios() {
    for (long seed = 0; seed < 50; seed++) {
      Scenario one = Scenario.generate(seed, 100, 1, Abilities.ALL);
      assertEquals(one, Scenario.generate(seed, 100, 1, Abilities.ALL));
      assertEquals(100, one.operations().size());
      assertNotEquals(one.print(), Scenario.generate(seed + 1, 100, 1, Abilities.ALL).print());
    }
  }

  @Test
  void everyKindOfOperationAndEntryOccurs() {
    Set<String> kinds = new HashSet<>();
    Set<String> contents = new HashSet<>();
    Set<Integer> layers = new HashSet<>();
    for (long seed = 0; seed < 100; seed++) {
      Scenario scenario = Scenario.generate(seed, 100, 1, Abilities.ALL);
      scenario.operations().forEach(o -> kinds.add(o.kind()));
      layers.add(scenario.layers().size());
      scenario
          .layers()
          .forEach(
              layer -> layer.forEach(e -> contents.add(e.content().getClass().getSimpleName())));
    }
    assertEquals(35, kinds.size(), kinds::toString);
    assertEquals(6, contents.size(), contents::toString);
    assertEquals(Set.of(1, 2, 3, 4), layers);
  }

  @Test
  void renameFlagsAreLeftOutWhereTheyCannotBeUsed() {
    for (long seed = 0; seed < 50; seed++) {
      for (Operation operation :
          Scenario.generate(seed, 100, 0, new Abilities(false, true, true)).operations()) {
        assertFalse(
            operation instanceof NameOperations.Rename rename
                && (rename.flags() & (Linux.RENAME_EXCHANGE | Linux.RENAME_NOREPLACE)) != 0,
            operation::toString);
      }
    }
  }

  @Test
  void usersMeetNoNamedAclWhereTheKernelWouldIgnoreIt() {
    int withUsers = 0;
    int withAcls = 0;
    for (long seed = 0; seed < 100; seed++) {
      String script = Scenario.generate(seed, 100, 0, new Abilities(false, false, true)).print();
      boolean users = script.contains("become 100");
      boolean named = NAMED_ACL.matcher(script).find();
      assertFalse(users && named, script);
      withUsers += users ? 1 : 0;
      withAcls += named ? 1 : 0;
    }
    assertTrue(withUsers > 20 && withAcls > 20, withUsers + " and " + withAcls);
  }

  @Test
  void noNameIsOfTheKindThatLaminaHides() {
    for (long seed = 0; seed < 50; seed++) {
      assertFalse(Scenario.generate(seed, 100, 0, Abilities.ALL).print().contains(".wh."));
    }
  }

  @Test
  void aWhiteoutThatHidesNothingIsLeftOut() {
    LayerEntry hides = entry(WHITEOUT, "d", "f");
    List<LayerEntry> top = List.of(entry(DIRECTORY, "d"), hides, entry(WHITEOUT, "d", "g"));
    List<LayerEntry> bottom = List.of(entry(DIRECTORY, "d"), entry(DIRECTORY, "d", "f"));
    List<List<LayerEntry>> layers = LayerRules.apply(List.of(top, bottom));
    assertEquals(List.of(entry(DIRECTORY, "d"), hides), layers.get(0));
    assertEquals(bottom, layers.get(1));
    assertEquals(Map.of(Location.of("d"), true), LayerRules.visible(layers));
  }

  @Test
  void aWhiteoutInAnOpaqueDirectoryIsLeftOut() {
    List<LayerEntry> top = List.of(entry(OPAQUE, "d"), entry(WHITEOUT, "d", "f"));
    List<LayerEntry> bottom = List.of(entry(DIRECTORY, "d"), entry(DIRECTORY, "d", "f"));
    assertEquals(List.of(entry(OPAQUE, "d")), LayerRules.apply(List.of(top, bottom)).get(0));
  }

  @Test
  void whatHasNoDirectoryIsLeftOut() {
    List<LayerEntry> layer =
        List.of(
            entry(DIRECTORY, "a", "b"),
            entry(new LayerEntry.HardLink(Location.of("gone")), "link"),
            entry(new LayerEntry.SymbolicLink("x"), "kept"));
    assertEquals(List.of(List.of(layer.get(2))), LayerRules.apply(List.of(layer)));
  }

  @Test
  void aScenarioPrintsAsAScript() {
    Scenario scenario =
        new Scenario(
            7,
            List.of(List.of(entry(DIRECTORY, "with space"))),
            List.of(new NameOperations.Mkdir(Location.of("\u00ff", "n".repeat(255)), 0755)));
    String text = scenario.print();
    assertTrue(text.contains("seed 7"), text);
    assertTrue(text.contains("with\\x20space  dir"), text);
    assertTrue(text.contains("1  mkdir 0755 \\xff/n{255}"), text);
  }
}
