package dev.lamina.sys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NameHashTest {
  /**
   * Compares hashes with those of OpenSSL's SipHash with c-rounds 1 and d-rounds 3 and the key 00
   * 01 ... 0f.
   */
  @Test
  void isSipHash13() {
    byte[] message = new byte[64];
    for (int i = 0; i < message.length; i++) {
      message[i] = (byte) i;
    }
    long[] expected = {
      0xabac0158050fc4dcL,
      0xc9f49bf37d57ca93L,
      0xd3927d989bb11140L,
      0x369095118d299a8eL,
      0xd320d86d2a519956L,
      0xcc4fdd1a7d908b66L,
      0x9d199062b7bbb3a8L
    };
    int[] lengths = {0, 1, 7, 8, 15, 16, 63};
    for (int i = 0; i < lengths.length; i++) {
      long hash =
          NameHash.sipHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L, message, 0, lengths[i]);
      assertEquals(expected[i], hash, lengths[i] + " bytes");
    }
  }

  @Test
  void partHashesAsItsCopy() {
    byte[] path = "/directory/with a name/\u00ff".getBytes(ISO_8859_1);
    byte[] part = "with a name".getBytes(ISO_8859_1);
    assertEquals(NameHash.of(part), NameHash.of(path, 11, 22));
    assertEquals(NameHash.of(path), NameHash.of(path.clone(), 0, path.length));
  }

  /**
   * "Aa" and "BB" have the same hash by the polynomial of 31, and so have all names composed of
   * them.
   */
  @Test
  void namesChosenAgainstStringHashDoNotCollide() {
    Set<Integer> polynomial = new HashSet<>();
    Set<Integer> hashes = new HashSet<>();
    for (int i = 0; i < 4096; i++) {
      StringBuilder name = new StringBuilder();
      for (int bit = 0; bit < 12; bit++) {
        name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      polynomial.add(name.toString().hashCode());
      hashes.add(NameHash.of(name.toString().getBytes(ISO_8859_1)));
    }
    assertEquals(1, polynomial.size());
    assertTrue(hashes.size() > 4090, hashes.size() + " hashes of 4096 names");
  }
}
