package dev.lamina.image.transfer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.lamina.image.ImageConfig;
import dev.lamina.image.ImageException;
import dev.lamina.image.Json;
import dev.lamina.image.Messages;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Changes an image's configuration by instructions of a Dockerfile, as {@code docker commit
 * --change} takes them: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME, WORKDIR.
 */
public final class ConfigChanges {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final ObjectNode config;
  private final Map<String, JsonNode> changed = new LinkedHashMap<>();

  private ConfigChanges(ImageConfig image) {
    config = image.json().path("config") instanceof ObjectNode object ? object : Json.object();
  }

  /**
   * Returns the configuration after changes, made in their order.
   *
   * @param changes have a character for each byte
   */
  public static ImageConfig apply(ImageConfig image, List<String> changes) throws ImageException {
    ConfigChanges all = new ConfigChanges(image);
    for (String change : changes) {
      String text =
          new String(change.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8).strip();
      int space = text.indexOf(' ');
      if (space < 0) {
        throw wrong(text);
      }
      String word = text.substring(0, space).toUpperCase(Locale.ROOT);
      all.change(word, text.substring(space + 1).strip(), text);
    }
    return image.withSettings(all.changed);
  }

  private void change(String word, String value, String text) throws ImageException {
    switch (word) {
      case "CMD" -> changed.put("Cmd", command(value));
      case "ENTRYPOINT" -> {
        changed.put("Entrypoint", command(value));
        // As in a Dockerfile: the arguments were those of the other entry point.
        changed.putIfAbsent("Cmd", Json.array(List.of()));
      }
      case "USER" -> changed.put("User", new TextNode(value));
      case "WORKDIR" -> changed.put("WorkingDir", new TextNode(value));
      case "STOPSIGNAL" -> changed.put("StopSignal", new TextNode(value));
      case "ENV" -> pairs(value, text).forEach(this::putEnv);
      case "LABEL" ->
          pairs(value, text).forEach((name, label) -> object("Labels").put(name, label));
      case "EXPOSE" -> {
        for (String port : value.split("\\s+")) {
          object("ExposedPorts").putObject(port.contains("/") ? port : port + "/tcp");
        }
      }
      case "VOLUME" -> {
        for (JsonNode volume : value.startsWith("[") ? array(value, text) : words(value)) {
          object("Volumes").putObject(volume.asText());
        }
      }
      default -> throw wrong(text);
    }
  }

  private static ImageException wrong(String text) {
    return new ImageException(
        "not a change to an image: "
            + Messages.quote(text)
            + " (known: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME, WORKDIR)");
  }

  /** Parses a list in JSON; anything else is a line for the shell. */
  private static ArrayNode command(String value) throws ImageException {
    return value.startsWith("[")
        ? array(value, value)
        : Json.array(List.of("/bin/sh", "-c", value));
  }

  private static ArrayNode array(String value, String text) throws ImageException {
    try {
      if (MAPPER.readTree(value) instanceof ArrayNode array) {
        return array;
      }
    } catch (JsonProcessingException e) {
      throw new ImageException("not a list in JSON: " + Messages.quote(text), e);
    }
    throw wrong(text);
  }

  private static ArrayNode words(String value) {
    return Json.array(List.of(value.split("\\s+")));
  }

  /** Parses {@code NAME=VALUE …} with quotes and backslashes, or {@code NAME VALUE}. */
  private static Map<String, String> pairs(String value, String text) throws ImageException {
    Map<String, String> pairs = new LinkedHashMap<>();
    int space = value.indexOf(' ');
    int equals = value.indexOf('=');
    if (equals < 0 || space >= 0 && space < equals) {
      if (space < 1) {
        throw wrong(text);
      }
      pairs.put(value.substring(0, space), value.substring(space + 1).strip());
      return pairs;
    }
    for (String word : split(value)) {
      int at = word.indexOf('=');
      if (at < 1) {
        throw wrong(text);
      }
      pairs.put(word.substring(0, at), word.substring(at + 1));
    }
    return pairs;
  }

  private static List<String> split(String value) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    char quote = 0;
    boolean isWord = false;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\' && quote != '\'' && i + 1 < value.length()) {
        word.append(value.charAt(++i));
        isWord = true;
      } else if (quote != 0 && c == quote) {
        quote = 0;
      } else if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
        isWord = true;
      } else if (quote == 0 && Character.isWhitespace(c)) {
        if (isWord) {
          words.add(word.toString());
        }
        word.setLength(0);
        isWord = false;
      } else {
        word.append(c);
        isWord = true;
      }
    }
    if (isWord) {
      words.add(word.toString());
    }
    return words;
  }

  private void putEnv(String name, String value) {
    JsonNode old = changed.getOrDefault("Env", config.path("Env"));
    ArrayNode env = Json.array(List.of());
    boolean isSet = false;
    for (JsonNode variable : old) {
      boolean isIt = variable.asText().startsWith(name + "=");
      env.add(isIt ? name + "=" + value : variable.asText());
      isSet |= isIt;
    }
    if (!isSet) {
      env.add(name + "=" + value);
    }
    changed.put("Env", env);
  }

  private ObjectNode object(String field) {
    if (changed.get(field) instanceof ObjectNode known) {
      return known;
    }
    ObjectNode own =
        config.path(field) instanceof ObjectNode object ? object.deepCopy() : Json.object();
    changed.put(field, own);
    return own;
  }
}
