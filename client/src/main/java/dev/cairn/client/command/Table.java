package dev.cairn.client.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows of cells under headings, in columns as wide as they must be. */
final class Table {

  private final List<String[]> rows = new ArrayList<>();
  private final boolean[] right;

  /** A heading that begins with {@code >} is that of a column set to the right. */
  Table(String... headings) {
    right = new boolean[headings.length];
    for (int i = 0; i < headings.length; i++) {
      right[i] = headings[i].startsWith(">");
      headings[i] = right[i] ? headings[i].substring(1) : headings[i];
    }
    rows.add(headings);
  }

  void row(Object... cells) {
    rows.add(Arrays.stream(cells).map(String::valueOf).toArray(String[]::new));
  }

  List<String> lines() {
    int[] widths = new int[right.length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.length; i++) {
        String padding = " ".repeat(widths[i] - row[i].length());
        line.append(i == 0 ? "" : "  ");
        line.append(right[i] ? padding + row[i] : row[i] + padding);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
