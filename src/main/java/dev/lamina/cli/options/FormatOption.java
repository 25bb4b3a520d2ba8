package dev.lamina.cli.options;

import picocli.CommandLine.Option;

/** The option that selects the format of a listing. */
public final class FormatOption {
  private static final String JSON = "json";
  private static final String TEXT = "text";

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "Format of the output: text (the default) or json.")
  private String format = TEXT;

  public boolean isJson() throws UsageException {
    if (!format.equals(JSON) && !format.equals(TEXT)) {
      throw new UsageException("unknown format: " + format + " (known: text, json)");
    }
    return format.equals(JSON);
  }
}
