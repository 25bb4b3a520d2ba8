package dev.lamina.image.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChallengeTest {
  private static List<Challenge> parse(String... headers) {
    return Challenge.parse(List.of(headers));
  }

  @Test
  void commasInQuotesDivideNothing() {
    assertEquals(
        List.of(
            new Challenge(
                "bearer",
                Map.of(
                    "realm", "https://auth.example.com/token",
                    "service", "a \"b\"",
                    "scope", "repository:a/b:pull,push"))),
        parse(
            "Bearer realm=\"https://auth.example.com/token\",service=\"a \\\"b\\\"\","
                + "scope=\"repository:a/b:pull,push\""));
  }

  @Test
  void severalAreToldApart() {
    Challenge basic = new Challenge("basic", Map.of("realm", "x"));
    Challenge bearer = new Challenge("bearer", Map.of("realm", "y", "service", "z"));
    Challenge bare = new Challenge("negotiate", Map.of());
    assertEquals(List.of(basic, bearer), parse("Basic realm=x, Bearer realm=y, service=z"));
    assertEquals(List.of(basic, bearer), parse("Basic realm=x", "BEARER Realm = y ,SERVICE=\"z\""));
    assertEquals(List.of(bare, basic), parse("Negotiate, Basic realm=\"x\""));
    assertEquals(List.of(bare), parse(" , Negotiate ,"));
  }

  @Test
  void whatIsBrokenDoesNoHarm() {
    assertEquals(List.of(), parse("", "\"", "=", ",,,", "()", "\u00e9"));
    assertEquals(List.of(new Challenge("a", Map.of("b", "c"))), parse("a b=\"c"));
    assertEquals(List.of(new Challenge("a", Map.of("b", ""))), parse("a b="));
    assertEquals(List.of(new Challenge("a", Map.of("b", "\\"))), parse("a b=\"\\"));
    parse("x ".repeat(100_000), "\"".repeat(100_000), "a=b,".repeat(100_000));
  }
}
