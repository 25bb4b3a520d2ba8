package dev.lamina.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
  private static final String DIGEST =
      "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @ParameterizedTest
  @CsvSource({
    "debian, docker.io/library/debian:latest",
    "debian:12, docker.io/library/debian:12",
    "docker.io/debian, docker.io/library/debian:latest",
    "index.docker.io/a/b, docker.io/a/b:latest",
    "owner/name, docker.io/owner/name:latest",
    "localhost/name, localhost/name:latest",
    "localhost:5000/name:tag, localhost:5000/name:tag",
    "quay.io/a/b/c__d-e:V1.0, quay.io/a/b/c__d-e:V1.0",
    "127.0.0.1:5000/x, 127.0.0.1:5000/x:latest",
    "[::1]:5000/x, [::1]:5000/x:latest",
    "host:80/x, host:80/x:latest",
  })
  void hostAndTagMayBeLeftOut(String text, String whole) throws ImageException {
    assertEquals(whole, ImageReference.parse(text).toString());
    assertEquals(whole, ImageReference.parse(whole).toString());
  }

  @Test
  void aDigestCounts() throws ImageException {
    ImageReference both = ImageReference.parse("quay.io/a/b:1@" + DIGEST);
    assertEquals("quay.io/a/b:1@" + DIGEST, both.toString());
    assertEquals(DIGEST, both.tagOrDigest());
    ImageReference digest = ImageReference.parse("quay.io/a/b@" + DIGEST);
    assertEquals("quay.io/a/b@" + DIGEST, digest.toString());
    assertEquals("b", ImageReference.parse("quay.io/a:b").tagOrDigest());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/x",
        "x/",
        "Upper",
        "a//b",
        "a/../b",
        "-a",
        "a..b",
        "a:b:c",
        "a:",
        "a:-b",
        "a@sha256:12",
        "bad_host.com/x",
        "host:port/x",
        "user@host.com/x",
        "a b",
        "a\nb"
      })
  void nothingElseIsOne(String text) {
    assertThrows(ImageException.class, () -> ImageReference.parse(text));
  }
}
