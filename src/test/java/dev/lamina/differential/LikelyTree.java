package dev.lamina.differential;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A guess at what exists while a scenario runs, so that most of its operations find something. It
 * does not have to be right: nothing is compared with it.
 */
final class LikelyTree {
  /** By printed path, for an order that does not change; true for a directory. */
  private final Map<String, Boolean> isDirectory = new TreeMap<>();

  private final Map<String, Location> places = new TreeMap<>();
  private final HashSet<Integer> openSlots = new HashSet<>();
  private final SplittableRandom random;

  LikelyTree(SplittableRandom random, Map<Location, Boolean> initial) {
    this.random = random;
    put(Location.ROOT, true);
    initial.forEach(this::put);
  }

  private void put(Location at, boolean directory) {
    isDirectory.put(at.toString(), directory);
    places.put(at.toString(), at);
  }

  /** Something that exists, but not the root; {@code otherwise} when there is nothing. */
  Location something(Location otherwise) {
    List<Location> all = new ArrayList<>(places.values());
    all.remove(Location.ROOT);
    return all.isEmpty() ? otherwise : all.get(random.nextInt(all.size()));
  }

  /** Something that exists and is not a directory; {@code otherwise} when there is nothing. */
  Location file(Location otherwise) {
    List<Location> all = new ArrayList<>();
    isDirectory.forEach(
        (path, directory) -> {
          if (!directory) {
            all.add(places.get(path));
          }
        });
    return all.isEmpty() ? otherwise : all.get(random.nextInt(all.size()));
  }

  /** A directory, or the root. */
  Location directory() {
    List<Location> all = new ArrayList<>();
    isDirectory.forEach(
        (path, directory) -> {
          if (directory && places.get(path).names().size() < 3) {
            all.add(places.get(path));
          }
        });
    return all.get(random.nextInt(all.size()));
  }

  /** Something is made where nothing was, in a directory. */
  void make(Location at, boolean directory) {
    if (!isDirectory.containsKey(at.toString())
        && isDirectory.getOrDefault(at.parent().toString(), false)) {
      put(at, directory);
    }
  }

  void remove(Location at) {
    List<String> below = new ArrayList<>();
    places.forEach(
        (path, place) -> {
          if (isWithin(place, at) && !place.names().isEmpty()) {
            below.add(path);
          }
        });
    for (String path : below) {
      places.remove(path);
      isDirectory.remove(path);
    }
  }

  /** A file takes another place; of directories overlayfs moves only some. */
  void move(Location from, Location to) {
    if (!isDirectory.getOrDefault(from.toString(), true)) {
      remove(from);
      remove(to);
      make(to, false);
    }
  }

  private static boolean isWithin(Location place, Location directory) {
    int depth = directory.names().size();
    return place.names().size() >= depth
        && place.names().subList(0, depth).equals(directory.names());
  }

  boolean exists(Location at) {
    return isDirectory.containsKey(at.toString());
  }

  boolean anyOpen() {
    return !openSlots.isEmpty();
  }

  /** True when there is something that is not a directory. */
  boolean isFile(Location at) {
    return !isDirectory.getOrDefault(at.toString(), true);
  }

  void open(int slot) {
    openSlots.add(slot);
  }

  /** A slot that is open, mostly. */
  int slot(int slots) {
    int slot = random.nextInt(slots);
    for (int i = 0; i < slots && random.nextInt(6) > 0; i++) {
      if (openSlots.contains((slot + i) % slots)) {
        return (slot + i) % slots;
      }
    }
    return slot;
  }

  void close(int slot) {
    openSlots.remove(slot);
  }
}
