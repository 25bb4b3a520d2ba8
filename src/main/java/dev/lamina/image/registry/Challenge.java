package dev.lamina.image.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An authentication challenge of a server (RFC 9110, section 11.6.1, "WWW-Authenticate").
 *
 * @param scheme the scheme in lower case: {@code basic}, {@code bearer}
 * @param parameters the parameters by their names in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {
  /** The part of a header that is read, in characters; no server sends more. */
  private static final int LONGEST = 16 << 10;

  /**
   * Parses the headers of a response.
   *
   * @param headers the values; each may hold several challenges, which are separated by commas, as
   *     their parameters are
   */
  static List<Challenge> parse(List<String> headers) {
    List<Challenge> all = new ArrayList<>();
    for (String header : headers) {
      new Reader(header.substring(0, Math.min(header.length(), LONGEST))).read(all);
    }
    return all;
  }

  /** Returns a parameter, or an empty string if the challenge does not have it. */
  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }

  private static final class Reader {
    private static final String TOKEN = "!#$%&'*+-.^_`|~";

    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    void read(List<Challenge> all) {
      Challenge current = null;
      for (skip(" \t,"); at < text.length(); skip(" \t,")) {
        String word = token();
        if (word.isEmpty()) {
          // No known challenge begins in this way.
          return;
        }
        int afterWord = at;
        skip(" \t");
        if (current != null && at < text.length() && text.charAt(at) == '=') {
          at++;
          skip(" \t");
          current.parameters.put(word.toLowerCase(Locale.ROOT), value());
        } else {
          at = afterWord;
          current = new Challenge(word.toLowerCase(Locale.ROOT), new LinkedHashMap<>());
          all.add(current);
        }
      }
    }

    private void skip(String characters) {
      while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }

    private String token() {
      int start = at;
      while (at < text.length() && isToken(text.charAt(at))) {
        at++;
      }
      return text.substring(start, at);
    }

    private static boolean isToken(char c) {
      return c < 128 && (Character.isLetterOrDigit(c) || TOKEN.indexOf(c) >= 0);
    }

    private String value() {
      if (at >= text.length() || text.charAt(at) != '"') {
        return token();
      }
      StringBuilder value = new StringBuilder();
      at++;
      while (at < text.length() && text.charAt(at) != '"') {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) {
          at++;
        }
        value.append(text.charAt(at++));
      }
      at++;
      return value.toString();
    }
  }
}
