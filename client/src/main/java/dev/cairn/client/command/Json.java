package dev.cairn.client.command;

import java.util.Collection;
import java.util.Map;

/** Shows maps, collections, strings, numbers, booleans and null as JSON. */
final class Json {

  private final StringBuilder text = new StringBuilder();

  private final String comma;
  private final String indent;

  private Json(String comma, String indent) {
    this.comma = comma;
    this.indent = indent;
  }

  /** In lines that are indented by two spaces. */
  static String of(Object value) {
    Json json = new Json(",", "  ");
    json.value(value, "\n");
    return json.text.toString();
  }

  /** In one line. */
  static String line(Object value) {
    Json json = new Json(", ", "");
    json.value(value, "");
    return json.text.toString();
  }

  private void value(Object value, String newline) {
    if (value instanceof Map<?, ?> map) {
      object(map, newline);
    } else if (value instanceof Collection<?> items) {
      array(items, newline);
    } else if (value == null || value instanceof Number || value instanceof Boolean) {
      text.append(value);
    } else {
      string(value.toString());
    }
  }

  private void object(Map<?, ?> map, String newline) {
    String separator = "";
    text.append('{');
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      text.append(separator).append(newline).append(indent);
      string(entry.getKey().toString());
      text.append(": ");
      value(entry.getValue(), newline + indent);
      separator = comma;
    }
    text.append(map.isEmpty() ? "" : newline).append('}');
  }

  private void array(Collection<?> items, String newline) {
    String separator = "";
    text.append('[');
    for (Object item : items) {
      text.append(separator).append(newline).append(indent);
      value(item, newline + indent);
      separator = comma;
    }
    text.append(items.isEmpty() ? "" : newline).append(']');
  }

  /** RFC 8259, section 7; lone surrogates (bytes that are no UTF-8) are escaped, too. */
  private void string(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < 0x20 || c == 0x7f || isLone(value, i)) {
        text.append(String.format("\\u%04x", (int) c));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }

  private static boolean isLone(String value, int i) {
    char c = value.charAt(i);
    if (Character.isLowSurrogate(c)) {
      return i == 0 || !Character.isHighSurrogate(value.charAt(i - 1));
    }
    return Character.isHighSurrogate(c)
        && (i + 1 == value.length() || !Character.isLowSurrogate(value.charAt(i + 1)));
  }
}
