package dev.lamina.differential;

import dev.lamina.sys.Errno;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was seen of one operation or of one file, as named texts. Everything that is to be compared
 * becomes a fact; what differs between equal file systems (inode numbers, the time of day) is
 * turned into one that does not, or left out.
 */
final class Facts {
  private final Map<String, String> facts = new LinkedHashMap<>();

  /** The facts of an operation that has only a result, a value or a negative errno. */
  static Facts ofResult(long result) {
    return new Facts().put("result", result(result));
  }

  static String result(long result) {
    return result < 0 ? Errno.name((int) -result) : Long.toString(result);
  }

  /** 0 for any success: for calls whose value is a descriptor. */
  static Facts ofStatus(long result) {
    return ofResult(Math.min(result, 0));
  }

  Facts put(String name, Object value) {
    facts.put(name, String.valueOf(value));
    return this;
  }

  Facts putAll(Facts other) {
    facts.putAll(other.facts);
    return this;
  }

  /** Null when there is none. */
  String get(String name) {
    return facts.get(name);
  }

  /** True when an operation was refused: a fact is the name of an error. */
  boolean isError() {
    return facts.values().stream().anyMatch(value -> value.matches("E[A-Z0-9]+"));
  }

  Map<String, String> asMap() {
    return Collections.unmodifiableMap(facts);
  }

  @Override
  public String toString() {
    return facts.toString();
  }
}
