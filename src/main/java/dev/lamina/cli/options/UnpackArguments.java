package dev.lamina.cli.options;

import dev.lamina.image.layer.UnpackLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** The options that limit what is unpacked from an image's layers. */
public final class UnpackArguments {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})([kmgt]?)");

  @Option(names = "--no-devices", description = "Refuse layers that contain device nodes.")
  private boolean noDevices;

  @Option(
      names = "--max-layer-size",
      paramLabel = "SIZE",
      description = {
        "Refuse layers that are larger uncompressed: in bytes, or with a unit as in 500m or 20g",
        "(default: 256g)."
      })
  private String size;

  public UnpackLimits limits() throws UsageException {
    UnpackLimits usual = UnpackLimits.DEFAULT;
    return new UnpackLimits(bytes(usual.bytes()), usual.entries(), !noDevices && usual.devices());
  }

  private long bytes(long usual) throws UsageException {
    if (size == null) {
      return usual;
    }
    Matcher parts = SIZE.matcher(size);
    if (!parts.matches()) {
      throw new UsageException(
          "--max-layer-size must be a number of bytes, or have a unit as in 500m or 20g");
    }
    // Each unit is 2^10 of the one before it.
    int shift = 10 * (parts.group(2).isEmpty() ? 0 : 1 + "kmgt".indexOf(parts.group(2)));
    long number = Long.parseLong(parts.group(1));
    return number > Long.MAX_VALUE >> shift ? Long.MAX_VALUE : number << shift;
  }

  /** Returns these options as arguments of another command. */
  public List<String> asArguments() {
    List<String> all = new ArrayList<>();
    if (noDevices) {
      all.add("--no-devices");
    }
    if (size != null) {
      all.add("--max-layer-size=" + size);
    }
    return all;
  }
}
