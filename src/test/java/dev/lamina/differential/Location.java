package dev.lamina.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A place in a tree: the names that lead to it from the root, which is the empty list. */
record Location(List<String> names) {
  static final Location ROOT = new Location(List.of());

  Location {
    names = List.copyOf(names);
  }

  static Location of(String... names) {
    return new Location(List.of(names));
  }

  /** The place's directory; the root's is the root. */
  Location parent() {
    return names.isEmpty() ? this : new Location(names.subList(0, names.size() - 1));
  }

  Location child(String name) {
    List<String> all = new ArrayList<>(names);
    all.add(name);
    return new Location(all);
  }

  /** The last component, for a system call; {@code .} for the root. */
  byte[] lastName() {
    return Names.bytes(names.isEmpty() ? "." : names.get(names.size() - 1));
  }

  @Override
  public String toString() {
    return names.isEmpty()
        ? "."
        : names.stream().map(Names::print).collect(Collectors.joining("/"));
  }
}
