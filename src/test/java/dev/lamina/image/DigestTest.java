package dev.lamina.image;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
  private static final String OF_ABC =
      "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  private static final byte[] ABC = "abc".getBytes(US_ASCII);

  @Test
  void isOfTheBytes() throws ImageException {
    assertEquals(OF_ABC, Digest.of(ABC).toString());
    assertEquals(Digest.of(ABC), Digest.parse(OF_ABC));
    assertEquals("ba7816bf8f01", Digest.of(ABC).abbreviated());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sha256",
        "sha256:",
        "sha256:ba7816bf",
        "md5:900150983cd24fb0d6963f7d28e17f72",
        "sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n",
        "sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:../../../../../../../../../../../../../../../../../../../../etc/passwd"
      })
  void nothingElseIsOne(String text) {
    assertThrows(ImageException.class, () -> Digest.parse(text));
  }

  @Test
  void whatIsReadIsCountedAndDigested() throws IOException {
    DigestingInput in = new DigestingInput(new ByteArrayInputStream(ABC));
    assertEquals('a', in.read());
    assertEquals(1, in.skip(1));
    assertEquals(1, in.read(new byte[10], 0, 10));
    assertEquals(-1, in.read());
    assertEquals(3, in.count());
    assertEquals(OF_ABC, in.digest().toString());
  }

  @Test
  void theAlgorithmIsTheExpectedOne() throws IOException {
    Digest expected = Digest.of("sha512", Digest.start("sha512").digest(ABC));
    DigestingInput in = new DigestingInput(new ByteArrayInputStream(ABC), expected);
    in.readAllBytes();
    assertEquals(expected, in.digest());
  }

  @Test
  void whatIsWrittenIsCountedAndDigested() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DigestingOutput out = new DigestingOutput(bytes);
    out.write('a');
    out.write(ABC, 1, 2);
    assertArrayEquals(ABC, bytes.toByteArray());
    assertEquals(3, out.count());
    assertEquals(OF_ABC, out.digest().toString());
  }

  @Test
  void contentsAreVerified() throws ImageException {
    Descriptor descriptor = Descriptor.of(MediaTypes.LAYER, ABC);
    descriptor.verify(ABC);
    for (String other : List.of("abd", "ab", "abcd")) {
      Exception e =
          assertThrows(ImageException.class, () -> descriptor.verify(other.getBytes(US_ASCII)));
      assertTrue(e.getMessage().contains(OF_ABC), e.getMessage());
    }
  }

  @Test
  void aChainIdIsOfTheOneBelow() throws ImageException {
    Digest a = Digest.of(ABC);
    List<Digest> chain = ChainId.all(List.of(a, a));
    assertEquals(a, chain.get(0));
    assertEquals(Digest.of((OF_ABC + " " + OF_ABC).getBytes(US_ASCII)), chain.get(1));
    assertEquals(List.of(), ChainId.all(List.of()));
  }
}
