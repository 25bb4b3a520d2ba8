package dev.lamina.image;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.List;

/**
 * Digests that each name a layer together with all below it (OCI image specification, image
 * configuration, "Layer ChainID"): two images with the same chain ID have that part in common.
 */
public final class ChainId {
  private ChainId() {}

  /**
   * @param diffIds bottommost first
   * @return as many, the last one that of the whole image
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
