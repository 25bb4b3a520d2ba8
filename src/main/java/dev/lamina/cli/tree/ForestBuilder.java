package dev.lamina.cli.tree;

import dev.lamina.image.ChainId;
import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.History;
import dev.lamina.image.store.LayerInfo;
import dev.lamina.image.store.StoredImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Builds a {@link Forest} from images and their mounts. The same images give the same forest in
 * whatever order they are added.
 */
public final class ForestBuilder {
  /** Finds unpacked layers. */
  public interface Layers {
    /** Returns what is known of a layer; null when it is not unpacked. */
    LayerInfo find(Digest diffId) throws IOException;
  }

  /** Orders images by their first name; those without names come last. */
  private static final Comparator<StoredImage> ORDER =
      Comparator.comparing(
              ForestBuilder::firstName, Comparator.nullsLast(Comparator.<String>naturalOrder()))
          .thenComparing(StoredImage::id)
          .thenComparing(image -> image.descriptor().digest());

  private final Layers layers;
  private final Map<Digest, StoredImage> images = new HashMap<>();
  private final Map<Digest, List<Mount>> mounts = new HashMap<>();

  private final Map<Digest, Size> sizes = new HashMap<>();
  private final Map<Digest, Integer> users = new HashMap<>();
  private final Map<Digest, Node> nodes = new LinkedHashMap<>();

  public ForestBuilder(Layers layers) {
    this.layers = layers;
  }

  private static String firstName(StoredImage image) {
    return image.names().stream().sorted().findFirst().orElse(null);
  }

  /** Adds an image unless it was added before. */
  public void add(StoredImage image) {
    images.putIfAbsent(image.descriptor().digest(), image);
  }

  /** Adds a mount and its image. */
  public void add(StoredImage image, Mount mount) {
    add(image);
    mounts.computeIfAbsent(image.descriptor().digest(), none -> new ArrayList<>()).add(mount);
  }

  /**
   * Removes the images that are not in the same tree, which have another bottommost layer. If this
   * image has no layers, only it remains.
   */
  public void keepTreeOf(StoredImage image) {
    Digest base = base(image);
    images
        .values()
        .removeIf(
            other ->
                base == null
                    ? !other.descriptor().digest().equals(image.descriptor().digest())
                    : !base.equals(base(other)));
  }

  private static Digest base(StoredImage image) {
    List<Digest> diffIds = image.config().diffIds();
    return diffIds.isEmpty() ? null : diffIds.get(0);
  }

  /** Builds the forest. It is called once, after everything has been added. */
  public Forest build() throws IOException {
    List<StoredImage> sorted = new ArrayList<>(images.values());
    sorted.sort(ORDER);
    for (StoredImage image : sorted) {
      measure(image);
    }
    List<Node> roots = new ArrayList<>();
    List<Image> withoutLayers = new ArrayList<>();
    for (StoredImage image : sorted) {
      List<Digest> diffIds = image.config().diffIds();
      List<Digest> chain = ChainId.all(diffIds);
      Node below = null;
      for (int i = 0; i < chain.size(); i++) {
        Node node = nodes.get(chain.get(i));
        if (node == null) {
          node = new Node(chain.get(i), diffIds.get(i), below, sizes.get(diffIds.get(i)));
          nodes.put(chain.get(i), node);
          (below == null ? roots : below.children).add(node);
        }
        node.count++;
        below = node;
      }
      tell(image, chain);
      (below == null ? withoutLayers : below.images).add(image(image));
    }
    return new Forest(runs(roots), withoutLayers, summary(sorted));
  }

  private void measure(StoredImage image) throws IOException {
    List<Digest> diffIds = image.config().diffIds();
    List<Descriptor> blobs = image.manifest().layers();
    for (int i = 0; i < diffIds.size(); i++) {
      Digest diffId = diffIds.get(i);
      if (!sizes.containsKey(diffId)) {
        LayerInfo info = layers.find(diffId);
        // An image that another tool has written into the store may have fewer blobs than diff IDs.
        long packed = i < blobs.size() ? blobs.get(i).size() : 0;
        sizes.put(diffId, new Size(info != null ? info.bytes() : packed, info != null));
      }
    }
    for (Digest diffId : new LinkedHashSet<>(diffIds)) {
      users.merge(diffId, 1, Integer::sum);
    }
  }

  /** Records the steps that made the layers, where no earlier image has done so. */
  private void tell(StoredImage image, List<Digest> chain) {
    int layer = 0;
    for (History step : image.config().history()) {
      if (!step.isEmptyLayer() && layer < chain.size()) {
        Node node = nodes.get(chain.get(layer));
        node.step = node.step == null ? step : node.step;
        layer++;
      }
    }
  }

  private Image image(StoredImage image) {
    Collection<Digest> diffIds = image.config().diffIds();
    List<Mount> own = new ArrayList<>(mounts.getOrDefault(image.descriptor().digest(), List.of()));
    own.sort(Comparator.comparing(Mount::name));
    return new Image(
        image.id(),
        image.descriptor().digest(),
        image.names().stream().sorted().toList(),
        sum(diffIds),
        sum(new LinkedHashSet<>(diffIds).stream().filter(this::isShared).toList()),
        own);
  }

  private boolean isShared(Digest diffId) {
    return users.get(diffId) > 1;
  }

  private Size sum(Collection<Digest> diffIds) {
    return diffIds.stream().map(sizes::get).reduce(Size.NONE, Size::plus);
  }

  private Summary summary(List<StoredImage> all) {
    Size apart = Size.NONE;
    for (StoredImage image : all) {
      apart = apart.plus(sum(new LinkedHashSet<>(image.config().diffIds())));
    }
    return new Summary(
        all.size(),
        sizes.size(),
        sum(sizes.keySet()),
        sum(sizes.keySet().stream().filter(this::isShared).toList()),
        apart);
  }

  private static List<Run> runs(List<Node> starts) {
    List<Run> all = new ArrayList<>();
    for (Node start : starts) {
      List<Layer> layers = new ArrayList<>();
      Node node = start;
      layers.add(node.layer());
      while (node.images.isEmpty() && node.children.size() == 1) {
        node = node.children.get(0);
        layers.add(node.layer());
      }
      all.add(new Run(layers, node.images, runs(node.children)));
    }
    return all;
  }

  /** A layer to which images are still being added. */
  private static final class Node {
    final Digest chainId;
    final Digest diffId;
    final Size size;
    final Size total;
    final List<Node> children = new ArrayList<>();
    final List<Image> images = new ArrayList<>();
    int count;
    History step;

    Node(Digest chainId, Digest diffId, Node below, Size size) {
      this.chainId = chainId;
      this.diffId = diffId;
      this.size = size;
      total = below == null ? size : below.total.plus(size);
    }

    Layer layer() {
      return new Layer(chainId, diffId, size, total, count, step);
    }
  }
}
