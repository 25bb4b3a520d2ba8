package dev.lamina.differential;

import dev.lamina.sys.Devices;
import dev.lamina.sys.Mode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Makes up lower layers. All use the same few names, so the same name is a directory in one layer,
 * a file in the next, and whited out in a third.
 */
final class LayerGenerator {
  private static final int MAX_LAYERS = 4;

  private final SplittableRandom random;
  private final Choices choices;
  private final LayerRules rules = new LayerRules();

  LayerGenerator(SplittableRandom random, List<String> names, boolean namedAcls) {
    this.random = random;
    this.choices = new Choices(random, names, namedAcls);
  }

  /** 1 to 4 layers, topmost first. */
  List<List<LayerEntry>> layers() {
    List<List<LayerEntry>> layers = new ArrayList<>();
    int count = 1 + random.nextInt(MAX_LAYERS);
    while (layers.size() < count) {
      layers.add(rules.addOnTop(layer()));
    }
    Collections.reverse(layers);
    return layers;
  }

  private List<LayerEntry> layer() {
    List<Location> below = new ArrayList<>(rules.visible().keySet());
    below.sort(Comparator.comparing(Location::toString));
    List<LayerEntry> entries = new ArrayList<>();
    Map<Location, LayerEntry> byPlace = new HashMap<>();
    int wanted = 3 + random.nextInt(12);
    for (int i = 0; i < wanted; i++) {
      Location at = choices.anyPlace();
      if (!at.names().isEmpty()) {
        add(at, content(entries), entries, byPlace);
      }
      if (!below.isEmpty() && choices.oneIn(5)) {
        Location hidden = below.get(random.nextInt(below.size()));
        add(hidden, new LayerEntry.Whiteout(), entries, byPlace);
      }
    }
    return entries;
  }

  /** Adds an entry and the directories it lies in; nothing where something else is in the way. */
  private boolean add(
      Location at,
      LayerEntry.Content content,
      List<LayerEntry> entries,
      Map<Location, LayerEntry> byPlace) {
    if (at.names().isEmpty()) {
      return true;
    }
    LayerEntry present = byPlace.get(at);
    if (present != null) {
      return present.content() instanceof LayerEntry.Directory
          && content instanceof LayerEntry.Directory;
    }
    if (!add(at.parent(), directory(), entries, byPlace)) {
      return false;
    }
    LayerEntry entry = new LayerEntry(at, content, attributes(content));
    entries.add(entry);
    byPlace.put(at, entry);
    return true;
  }

  private LayerEntry.Content content(List<LayerEntry> present) {
    int kind = random.nextInt(100);
    if (kind < 30) {
      return directory();
    }
    if (kind < 62) {
      return data();
    }
    if (kind < 74) {
      return hardLink(present);
    }
    if (kind < 86) {
      return new LayerEntry.SymbolicLink(choices.linkTarget());
    }
    return switch (random.nextInt(4)) {
      case 0 -> new LayerEntry.Special(Mode.S_IFIFO, 0);
      case 1 -> new LayerEntry.Special(Mode.S_IFSOCK, 0);
      case 2 -> new LayerEntry.Special(Mode.S_IFCHR, Devices.make(1, 3));
      default -> new LayerEntry.Special(Mode.S_IFBLK, Devices.make(240, 77));
    };
  }

  private LayerEntry.Directory directory() {
    return new LayerEntry.Directory(random.nextInt(5) == 0);
  }

  private LayerEntry.Content hardLink(List<LayerEntry> present) {
    List<Location> files = new ArrayList<>();
    for (LayerEntry entry : present) {
      if (entry.content() instanceof LayerEntry.Data) {
        files.add(entry.at());
      }
    }
    return files.isEmpty()
        ? data()
        : new LayerEntry.HardLink(files.get(random.nextInt(files.size())));
  }

  private LayerEntry.Data data() {
    List<LayerEntry.Piece> pieces = new ArrayList<>();
    long offset = 0;
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      if (random.nextInt(3) == 0) {
        offset += 4096L * (1 + random.nextInt(16));
      }
      int size = 1 + random.nextInt(random.nextInt(4) == 0 ? 50_000 : 300);
      pieces.add(new LayerEntry.Piece(offset, size, random.nextInt(256)));
      offset += size;
    }
    long tail = random.nextInt(4) == 0 ? random.nextInt(20_000) : 0;
    return new LayerEntry.Data(offset + tail, pieces);
  }

  private LayerEntry.Attributes attributes(LayerEntry.Content content) {
    if (content instanceof LayerEntry.HardLink || content instanceof LayerEntry.Whiteout) {
      return null;
    }
    boolean directory = content instanceof LayerEntry.Directory;
    // Mostly open to all, so that another user gets somewhere.
    int mode = random.nextInt(3) > 0 ? (directory ? 0777 : 0666) : choices.mode();
    Map<String, String> xattrs = new TreeMap<>();
    if (directory || content instanceof LayerEntry.Data) {
      if (random.nextInt(4) == 0) {
        xattrs.put("user.layer", choices.value());
      }
      if (random.nextInt(12) == 0) {
        xattrs.put("system.posix_acl_access", choices.acl());
      }
      if (directory && random.nextInt(12) == 0) {
        xattrs.put("system.posix_acl_default", choices.acl());
      }
    }
    if (random.nextInt(10) == 0) {
      xattrs.put("trusted.layer", choices.value());
    }
    return new LayerEntry.Attributes(mode, choices.owner(), choices.owner(), time(), xattrs);
  }

  private Times time() {
    return new Times(
        800_000_000L + random.nextInt(100_000_000),
        random.nextInt(1_000_000_000),
        800_000_000L + random.nextInt(100_000_000),
        random.nextInt(1_000_000_000));
  }
}
