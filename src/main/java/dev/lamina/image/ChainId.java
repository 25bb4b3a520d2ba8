package dev.lamina.image;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.List;

/**
 * Computes chain IDs: digests that each identify a layer together with all layers below it (OCI
 * image specification, image configuration, "Layer ChainID"). Two images with the same chain ID
 * share these layers.
 */
public final class ChainId {
  private ChainId() {}

  /**
   * Returns the chain IDs of all layers.
   *
   * @param diffIds bottommost first
   * @return one for each layer; the last one is that of the whole image
   */
  public static List<Digest> all(List<Digest> diffIds) {
    List<Digest> chain = new ArrayList<>(diffIds.size());
    Digest below = null;
    for (Digest diffId : diffIds) {
      below = below == null ? diffId : Digest.of((below + " " + diffId).getBytes(US_ASCII));
      chain.add(below);
    }
    return chain;
  }
}
