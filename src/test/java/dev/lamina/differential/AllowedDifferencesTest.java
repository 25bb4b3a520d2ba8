package dev.lamina.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

class AllowedDifferencesTest {
  @Test
  void theListIsShortAndGivesReasons() {
    assertTrue(AllowedDifferences.ENTRIES.size() <= 8);
    for (AllowedDifferences.Entry entry : AllowedDifferences.ENTRIES) {
      assertTrue(entry.reason().length() > 20, entry.name());
    }
  }

  @Test
  void anAllowedDifferenceIsCountedAndTheNextOneFound() {
    Comparison comparison = new Comparison(Abilities.ALL);
    Facts expected = new Facts().put("ino-kept", "no").put("mode", "0644");
    Facts actual = new Facts().put("ino-kept", "yes").put("mode", "0600");
    assertEquals("mode", comparison.compare("Chmod", "", expected, actual).fact());
    assertEquals(Map.of("steadier inode numbers", 1), comparison.allowed());
  }

  @Test
  void numbersThatARemountMendsAreAllowedOnOverlayfsOnly() {
    String fact = "changed: a/b: dirent-ino";
    assertNotNull(
        AllowedDifferences.find(
            new Difference("Remount", "", fact, "no -> yes", null), Abilities.ALL));
    assertNull(
        AllowedDifferences.find(
            new Difference("Remount", "", fact, null, "no -> yes"), Abilities.ALL));
  }

  @Test
  void lessSteadyInodeNumbersAreNotAllowed() {
    Facts expected = new Facts().put("ino-kept", "yes");
    Facts actual = new Facts().put("ino-kept", "no");
    assertNotNull(new Comparison(Abilities.ALL).compare("Chmod", "", expected, actual));
  }

  @Test
  void aFactThatOnlyOneSideHasIsADifference() {
    Facts nothing = new Facts();
    Facts something = new Facts().put("ino", "0");
    assertNotNull(new Comparison(Abilities.ALL).compare("Lstat", "", nothing, something));
    assertNotNull(new Comparison(Abilities.ALL).compare("Lstat", "", something, nothing));
    assertNull(new Comparison(Abilities.ALL).compare("Lstat", "", something, something));
  }

  @Test
  void linkCountsOfOneSideOnlyAreNotAllowed() {
    Difference difference = new Difference("Fstat", "", "nlink", null, "1");
    assertNull(AllowedDifferences.find(difference, Abilities.ALL));
  }

  @Test
  void aProgramShowsOldDataOnlyAsItWas() {
    String then = "5 bytes, crc 1, x" + World.AS_WHEN_OPENED;
    assertNotNull(allowedRead("5 bytes, crc 2, y", then));
    assertNull(allowedRead(then, "5 bytes, crc 2, y"));
    assertNull(allowedRead("5 bytes, crc 2, y", "5 bytes, crc 3, z"));
  }

  private static AllowedDifferences.Entry allowedRead(String expected, String actual) {
    return AllowedDifferences.find(
        new Difference("Pread", "", "data", expected, actual), Abilities.ALL);
  }

  @Test
  void whatPathsCannotDoIsAllowedToNobodyElse() {
    Difference difference = new Difference("Fstat", "", "result", "0", "ENOENT");
    assertNull(AllowedDifferences.find(difference, Abilities.ALL));
    assertNotNull(AllowedDifferences.find(difference, new Abilities(true, true, false)));
  }
}
